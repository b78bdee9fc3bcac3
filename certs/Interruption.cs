using System.Runtime.InteropServices;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>
/// Ends the program at Ctrl-C, SIGTERM or SIGHUP (on Windows Ctrl-Break), but not while it writes files that belong together: that takes
/// milliseconds, and half of a set would stay. A second signal ends it at once, unless it follows the first so closely that it is the same
/// wish.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly Lock Writing = new();

    private readonly PosixSignalRegistration[] _registrations;
    // As StopSignal: timeout(1) signals its child, and then its process group.
    private const long SameWish = 300;

    private readonly Lock _lock = new();
    private long? _firstAt;

    public Interruption()
    {
        PosixSignal[] signals = OperatingSystem.IsWindows()
            // The last one is Ctrl-Break.
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(s => PosixSignalRegistration.Create(s, End))];
    }

    /// <summary>Keeps a first signal waiting until the scope is left.</summary>
    public static Lock.Scope Defer() => Writing.EnterScope();

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        lock (_lock)
        {
            bool isFirst = _firstAt is null;
            _firstAt ??= Environment.TickCount64;
            context.Cancel = Environment.TickCount64 - _firstAt < SameWish;
            if (!isFirst) return;
        }

        using Lock.Scope written = Writing.EnterScope();
        StandardStreams.WriteErrorLine("rawecho-certs: interrupted.");
        Environment.Exit(ExitCode.Interrupted);
    }
}
