using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// A program that is started in order to watch it, and all .NET processes that it starts. It shares this program's terminal. Its runtime
/// is not suspended at its start: that would be inherited by everything it starts, and whatever nobody resumes (a daemon, a process that
/// outlives this program) would never run. It is looked for several times a second instead, and attached to while it runs.
/// </summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private int _attached;

    private ChildProgram(Process process, string name, string mark)
    {
        (_process, _name) = (process, name);
        Family = new ProcessFamily(process.Id, mark);
        Ended = process.WaitForExitAsync();
    }

    /// <summary>The program and its descendants.</summary>
    public ProcessFamily Family { get; }

    /// <summary>Completes when the program has exited.</summary>
    public Task Ended { get; }

    /// <exception cref="DiagnosticsException">It does not exist, or cannot be started.</exception>
    public static ChildProgram Start(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false };
        string mark = Guid.NewGuid().ToString("N");
        start.Environment[ProcessFamily.MarkVariable] = mark;
        try
        {
            return new ChildProgram(Process.Start(start)!, words[0], mark);
        }
        catch (Win32Exception e)
        {
            const int noSuchFile = 2, noSuchPathOnWindows = 3;
            bool isMissing = e.NativeErrorCode == noSuchFile || (OperatingSystem.IsWindows() && e.NativeErrorCode == noSuchPathOnWindows);
            throw isMissing
                ? new DiagnosticsException(DiagnosticsExitCode.NotFound, $"There is no program '{words[0]}'.")
                : new DiagnosticsException(DiagnosticsExitCode.CannotStart, $"'{words[0]}' cannot be started: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Counts a process of the family that was attached to.</summary>
    public void CountAttached() => Interlocked.Increment(ref _attached);

    /// <summary>Requests a graceful shutdown.</summary>
    /// <param name="signal">The signal that this program received; null for none.</param>
    public void Stop(PosixSignal? signal)
    {
        // Ctrl-C on a terminal goes to all programs in front of it; a second signal would have it end at once, and not in order.
        if (_process.HasExited || (signal == PosixSignal.SIGINT && !Console.IsInputRedirected)) return;
        if (OperatingSystem.IsWindows()) _process.Kill();
        else Send(_process.Id, signal);

        static void Send(int pid, PosixSignal? signal)
        {
            const int interrupt = 2, terminate = 15;
            // It fails when the program has just ended, which is what was wanted.
            _ = kill(pid, signal == PosixSignal.SIGINT ? interrupt : terminate);

            [DllImport("libc")]
            [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
            static extern int kill(int process, int signal);
        }
    }

    /// <summary>Waits for it to exit.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="DiagnosticsException">It ended, and no .NET process was there to record.</exception>
    public async Task<int> EndAsync()
    {
        await Ended;
        if (_attached == 0 && _process.ExitCode == 0)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.NotDotNet, $"'{_name}' ended, and neither it nor what it started ran .NET "
                + "long enough to attach to: nothing was recorded.");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Stop(null);
        await Ended;
        _process.Dispose();
    }
}
