using System.Diagnostics;
using System.Text.RegularExpressions;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Browser;

/// <summary>A headless Chromium or Chrome for all tests, started when the first one asks for a page.</summary>
public sealed partial class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    private readonly SemaphoreSlim _starting = new(1);
    private readonly DevTools _tools = new();
    private readonly CertificateHome? _home;
    private TempFolder? _profile;
    private Process? _process;

    public Chromium()
        : this(home: null)
    {
    }

    /// <param name="home">Where it finds certificates; null for none.</param>
    internal Chromium(CertificateHome? home) => _home = home;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Opens a file in a page of its own, or skips the test where there is no browser.</summary>
    internal async Task<BrowserPage> OpenAsync(string file, PageView? view = null)
    {
        await _starting.WaitAsync().WithinLimit();
        try
        {
            if (_process is null) await StartAsync();
        }
        finally
        {
            _starting.Release();
        }

        return await BrowserPage.OpenAsync(_tools, new Uri(file).AbsoluteUri, view ?? new PageView());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        try
        {
            await _tools.CallAsync("Browser.close");
            await _process.WaitForExitAsync().WithinLimit();
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WithinLimit();
        }

        await _tools.DisposeAsync();
        _process.Dispose();
        // Its helper processes write to the profile until they are gone too, a moment later.
        await TimeLimit.Until(TryDeleteProfile, "the browser's profile can be deleted");
        _starting.Dispose();
    }

    [GeneratedRegex(@"DevTools listening on (ws://\S+)")]
    private static partial Regex ListeningLine();

    private static string? Find() => Environment.GetEnvironmentVariable("RAWECHO_BROWSER") is { Length: > 0 } named
        ? named
        : (from folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
               .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
           from name in Names
           let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
           where File.Exists(path)
           select path).FirstOrDefault();

    private async Task StartAsync()
    {
        string? browser = Find();
        Assert.SkipWhen(browser is null, "There is no Chromium or Chrome on this machine (RAWECHO_BROWSER names one that lies elsewhere).");
        _profile = new TempFolder();
        // As root, as in a container, Chromium refuses to run with its sandbox; it opens nothing here but files that the tests wrote.
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-port=0",
            $"--user-data-dir={_profile.Path}", "about:blank",
        ];
        var start = new ProcessStartInfo(browser!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (_home is not null) start.Environment["HOME"] = _home.Path;
        _home?.Prepare(_profile);
        _process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) address.TrySetException(new InvalidOperationException($"{browser} ended before it listened."));
            else if (ListeningLine().Match(line.Data) is { Success: true } match) address.TrySetResult(new Uri(match.Groups[1].Value));
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _tools.ConnectAsync(await address.Task.WithinLimit());
    }

    private bool TryDeleteProfile()
    {
        try
        {
            _profile?.Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
