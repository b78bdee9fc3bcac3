using System.Runtime.InteropServices;

namespace RawEcho.CommandLine;

/// <summary>
/// Waits for the user or the system to ask for the end: Ctrl-C, SIGTERM, or (when asked for) a key press.
/// A second Ctrl-C or SIGTERM ends the process at once.
/// </summary>
public sealed class StopSignal : IDisposable
{
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _done = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="onKeyPress">True to take a key press for a signal too, when standard input is a terminal.</param>
    public StopSignal(bool onKeyPress)
    {
        _registrations = [Register(PosixSignal.SIGINT, "Ctrl-C"), Register(PosixSignal.SIGTERM, "SIGTERM")];
        if (onKeyPress) _ = WaitForKeyAsync();
    }

    /// <summary>Completes with the name of what asked for the end.</summary>
    public Task<string> Asked => _asked.Task;

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
        if (!_asked.TrySetResult(name)) Environment.Exit(ExitCode.Interrupted);
    });

    private async Task WaitForKeyAsync()
    {
        if (await KeyPress.WaitAsync(_done.Token)) _asked.TrySetResult("a key press");
    }
}
