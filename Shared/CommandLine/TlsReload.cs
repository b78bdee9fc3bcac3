using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>
/// Reads certificate, key, CA, revocation lists and allow-list again when one of the files has changed, or at SIGHUP. What is new
/// counts from the next handshake on, and connections go on; what is bad is reported, and the old stays.
/// </summary>
/// <remarks>
/// Polls, because file system watchers miss what happens on network and overlay file systems and behind links that are swapped.
/// A change counts once two looks in a row have seen the same: a certificate and its key cannot be replaced in one step.
/// </remarks>
public sealed class TlsReload : IAsyncDisposable
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private readonly TlsMaterial _first;
    private readonly Func<TlsMaterial> _load;
    private readonly Func<TlsMaterial, int> _apply;
    private readonly Action<string> _report;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _limit;
    private readonly LimitedWork _work;
    private readonly Channel<bool> _asked =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration? _hangUp;
    private readonly Task _watching;

    /// <param name="first">What is in use.</param>
    /// <param name="load">Reads all files again.</param>
    /// <param name="apply">Puts what was read into use; returns how many connections that ended.</param>
    /// <param name="report">Takes lines for the user.</param>
    /// <param name="interval">How often to look; Timeout.InfiniteTimeSpan for SIGHUP alone.</param>
    /// <param name="limit">How long the files may take to be read; null for 30 s.</param>
    public TlsReload(
        TlsMaterial first,
        Func<TlsMaterial> load,
        Func<TlsMaterial, int> apply,
        Action<string> report,
        TimeSpan interval,
        TimeSpan? limit = null)
    {
        (_first, _load, _apply, _report, _interval) = (first, load, apply, report, interval);
        _limit = limit ?? TimeSpan.FromSeconds(30);
        _work = new LimitedWork(_limit);
        // On Windows this signal means that the console was closed: that has to end the program.
        _hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        _watching = Task.Run(WatchAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hangUp?.Dispose();
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    // A terminal that is gone sends the same signal. Whoever sat there is gone too, so that one ends the program (StopSignal).
    private void OnHangUp(PosixSignalContext context)
    {
        if (KeyPress.TerminalIsGone) return;
        context.Cancel = true;
        _asked.Writer.TryWrite(true);
    }

    private async Task WatchAsync()
    {
        TlsMaterial current = _first;
        var look = new FileLook(_first.State);
        while (await WaitAsync() is { } asked)
        {
            try
            {
                FileState now = await _work.RunAsync(() => FileState.Of(current.Files, look.Last), _stop.Token);
                if (!look.IsDue(now, asked)) continue;
                if (await ReloadAsync(current, look, asked ? "SIGHUP" : "files have changed") is { } fresh) current = fresh;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nobody awaits this loop before the stop: it would end unheard, and the next renewed certificate would not be taken up.
                Refuse(look, "files have changed", e);
            }
        }
    }

    // Whatever a file makes the platform throw, the loop goes on: the next state of the files may be a good one, with a revocation in it.
    private async Task<TlsMaterial?> ReloadAsync(TlsMaterial current, FileLook look, string why)
    {
        if (current.Files.Count == 0)
        {
            Say($"Not reloaded ({why}): every file is a pipe, which can be read only once.");
            return null;
        }

        try
        {
            TlsMaterial fresh = await _work.RunAsync(_load, _stop.Token);
            fresh.KeepUnchanged(current);
            int ended = _apply(fresh);
            look.Succeeded();
            string put = ended > 0
                ? string.Create(CultureInfo.InvariantCulture, $" Connections ended, their peers no longer being let in: {ended}.")
                : "";
            Say($"Reloaded ({why}): {Describe(fresh)}.{put}");
            foreach (Note warning in fresh.Notes.Where(n => n.IsWarning)) Say(warning.ToString());
            return fresh;
        }
        catch (Exception e) when (!(e is OperationCanceledException && _stop.IsCancellationRequested))
        {
            Refuse(look, why, e);
            return null;
        }
    }

    private void Refuse(FileLook look, string why, Exception failure)
    {
        string problem = failure switch
        {
            TimeoutException => string.Create(
                CultureInfo.InvariantCulture, $"the files could not be read within {_limit.TotalSeconds:0.#} s."),
            CommandException or ArgumentException or IOException or UnauthorizedAccessException or CryptographicException =>
                ProblemText.Of(failure),
            _ => $"{failure.GetType().Name}: {failure.Message}",
        };
        // Each state of the files is complained of once, however often it is tried.
        if (look.Failed(problem)) Say($"NOT reloaded ({why}), the old certificates and lists stay in use: {problem}");
    }

    private void Say(string line)
    {
        try
        {
            _report(line);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Who cannot be told is still to have fresh certificates.
        }
    }

    private static string Describe(TlsMaterial m)
    {
        var parts = new List<string>();
        if (m.Identity is { } own)
            parts.Add($"own certificate {own.Certificate.Subject} until {CertificateText.Utc(ValidityPeriod.Of(own.Certificate).Until)}");
        if (m.TrustedRoots.Count > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"CA certificates {m.TrustedRoots.Count}"));
        if (m.Admission.Revocation is { } lists)
        {
            string due = lists.NextUpdate is { } next ? CertificateText.Utc(next) : "never";
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"revoked {lists.Entries} (next list due {due})"));
        }

        if (m.Admission.Allowed is { } allowed) parts.Add(string.Create(CultureInfo.InvariantCulture, $"allowed {allowed.Count}"));
        return string.Join(", ", parts);
    }

    /// <summary>True when asked by signal, false when it is time to look, null when it is over.</summary>
    private async Task<bool?> WaitAsync()
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        if (_interval != Never) pause.CancelAfter(_interval);
        try
        {
            return await _asked.Reader.ReadAsync(pause.Token);
        }
        catch (OperationCanceledException)
        {
            return _stop.IsCancellationRequested ? null : false;
        }
    }
}
