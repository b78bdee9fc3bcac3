using System.Runtime.InteropServices;

namespace RawEcho.Terminal;

/// <summary>
/// Waits for the user or the system to ask for the end: Ctrl-C, SIGTERM, SIGHUP (the terminal is gone), or the key q when that is asked
/// for; on Windows also Ctrl-Break, which is what another program can send there. A second Ctrl-C or SIGTERM ends the process at once,
/// unless it follows the first one so closely that it is the same wish. A program that was started with SIGHUP ignored (nohup) goes on
/// ignoring it: .NET installs no handler then.
/// </summary>
public sealed class StopSignal : IDisposable
{
    private const char QuitKey = 'q';

    // timeout(1) signals its child and then its process group, and a shell does the same with both: one wish that comes twice.
    private const long SameWish = 300;

    private static readonly string TerminationName = OperatingSystem.IsWindows() ? "shutdown of Windows" : "SIGTERM";

    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Never disposed: a signal may come in while this object is.
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _done = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private bool _isNextExcused;
    private long _askedAt;

    /// <param name="onQuitKey">True to take the key q for a signal too, when standard input is a terminal.</param>
    /// <param name="hangUpReloads">True where SIGHUP means something else, unless the terminal is gone.</param>
    public StopSignal(bool onQuitKey = false, bool hangUpReloads = false)
    {
        // On Windows SIGHUP is the closing of the console, which leaves no time for an end in order; SIGQUIT is Ctrl-Break, and SIGTERM the
        // shutdown of the system.
        PosixSignalRegistration last =
            OperatingSystem.IsWindows() ? Register(PosixSignal.SIGQUIT, "Ctrl-Break") : RegisterHangUp(hangUpReloads);
        _registrations = [Register(PosixSignal.SIGINT, "Ctrl-C"), Register(PosixSignal.SIGTERM, TerminationName), last];
        if (onQuitKey) _ = WaitForKeyAsync();
    }

    /// <summary>What can be sent to a program that has no terminal, as a sentence begins with it.</summary>
    public static string Ways => OperatingSystem.IsWindows() ? "Ctrl-C or Ctrl-Break" : "Ctrl-C or SIGTERM";

    /// <summary>Completes with the name of what asked for the end.</summary>
    public Task<string> Asked => _asked.Task;

    /// <summary>Cancelled by what asked for the end.</summary>
    public CancellationToken Token => _stopped.Token;

    /// <summary>The signal that asked for the end; null before it, and when it was a key.</summary>
    public PosixSignal? Signal { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _done.Cancel();
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _done.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, string name) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (!Ask(name, signal)) Environment.Exit(CommonExitCode.Interrupted);
    });

    // A terminal that goes away can send several: one by the kernel, one by the shell, and whoever ends the session sends SIGTERM behind
    // them. None of these is a user who has lost patience.
    private PosixSignalRegistration RegisterHangUp(bool reloads) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        if (reloads && !KeyPress.TerminalIsGone) return;
        context.Cancel = true;
        Ask("SIGHUP", PosixSignal.SIGHUP);
    });

    private async Task WaitForKeyAsync()
    {
        if (await KeyPress.WaitAsync(QuitKey, _done.Token)) Ask("key q", signal: null);
    }

    // False for a user who has lost patience. .NET runs the handlers of different signals side by side, so one lock decides who was first
    // and who is excused.
    private bool Ask(string name, PosixSignal? signal)
    {
        lock (_lock)
        {
            if (_asked.Task.IsCompleted)
            {
                if (signal is null or PosixSignal.SIGHUP) return true;
                bool isExcused = _isNextExcused || Environment.TickCount64 - _askedAt < SameWish;
                _isNextExcused = false;
                return isExcused;
            }

            Signal = signal;
            _isNextExcused = signal == PosixSignal.SIGHUP;
            _askedAt = Environment.TickCount64;
            _asked.SetResult(name);
        }

        _stopped.Cancel();
        return true;
    }
}
