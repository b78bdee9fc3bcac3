using System.Globalization;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>rawecho-diagnostics in a pseudo-terminal of some size, which script(1) of util-linux makes.</summary>
internal sealed class TerminalRun : IAsyncDisposable
{
    private const string Script = "/usr/bin/script";

    private readonly TempFolder _folder = new();
    private readonly ProgramProcess _script;
    private readonly int _columns;
    private readonly int _rows;

    public TerminalRun(int columns, int rows, params string[] arguments)
    {
        Requires.Linux("script(1) of util-linux makes a terminal");
        Assert.SkipUnless(File.Exists(Script), "There is no script(1) on this machine.");
        (_columns, _rows) = (columns, rows);
        string words = string.Join(' ', arguments.Prepend(Programs.Diagnostics).Select(a => $"'{a}'"));
        string command = string.Create(
            CultureInfo.InvariantCulture,
            $"stty rows {rows} cols {columns}; stty -g >'{_folder["before"]}'; {words}; ended=$?; ")
            + $"stty -g >'{_folder["after"]}'; exit $ended";
        _script = new ProgramProcess(
            Script, ["-qefc", command, _folder["typescript"]], new Dictionary<string, string> { ["TERM"] = "xterm-256color" });
    }

    /// <summary>The terminal as it is now.</summary>
    public Screen Now
    {
        get
        {
            var screen = new Screen(_columns, _rows);
            using var stream = new FileStream(_folder["typescript"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            string text = reader.ReadToEnd();
            // The first line is script's own.
            screen.Write(text[Math.Min(text.Length, text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
            return screen;
        }
    }

    /// <summary>Everything that was written.</summary>
    public string Written => File.ReadAllText(_folder["typescript"]);

    /// <summary>Whether the settings of the terminal are what they were before.</summary>
    public bool IsClean => File.ReadAllText(_folder["before"]) == File.ReadAllText(_folder["after"]);

    public Task UntilAsync(Func<Screen, bool> holds, string what) => TimeLimit.Until(
        () => File.Exists(_folder["typescript"]) && holds(Now), what);

    public Task TypeAsync(string keys) => _script.TypeAsync(keys);

    public Task<ProgramResult> ExitAsync() => _script.ExitAsync();

    public async ValueTask DisposeAsync()
    {
        await _script.DisposeAsync();
        _folder.Dispose();
    }
}
