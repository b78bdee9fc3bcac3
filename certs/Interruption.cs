using System.Runtime.InteropServices;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>
/// Ends the program at Ctrl-C, SIGTERM or SIGHUP, but not while it writes files that belong together: that takes milliseconds, and half of
/// a set would stay. A second signal ends it at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly Lock Writing = new();

    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public Interruption()
    {
        PosixSignal[] signals = OperatingSystem.IsWindows()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM]
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
        if (Interlocked.Increment(ref _signals) > 1) return;
        context.Cancel = true;
        using Lock.Scope written = Writing.EnterScope();
        StandardStreams.WriteErrorLine("rawecho-certs: interrupted.");
        Environment.Exit(ExitCode.Interrupted);
    }
}
