using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// A program that is started in order to watch it from its first instruction: its runtime is suspended at startup until this program has
/// attached. It shares this program's terminal. It may be a script: all .NET processes that it starts are watched.
/// See DOTNET_DefaultDiagnosticPortSuspend, https://learn.microsoft.com/dotnet/core/diagnostics/diagnostic-port.
/// </summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private const string SuspendVariable = "DOTNET_DefaultDiagnosticPortSuspend";

    private readonly Process _process;
    private readonly string _name;
    private readonly HashSet<int> _resumed = [];

    private ChildProgram(Process process, string name)
    {
        (_process, _name) = (process, name);
        Ended = process.WaitForExitAsync();
    }

    /// <summary>Completes when the program has exited.</summary>
    public Task Ended { get; }

    /// <exception cref="DiagnosticsException">It does not exist, or cannot be started.</exception>
    public static ChildProgram Start(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false };
        start.Environment[SuspendVariable] = "1";
        try
        {
            return new ChildProgram(Process.Start(start)!, words[0]);
        }
        catch (Win32Exception e)
        {
            const int noSuchFile = 2;
            throw e.NativeErrorCode == noSuchFile
                ? new DiagnosticsException(DiagnosticsExitCode.NotFound, $"There is no program '{words[0]}'.")
                : new DiagnosticsException(DiagnosticsExitCode.CannotStart, $"'{words[0]}' cannot be started: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>The program and its descendants, as far as they run .NET and are ready to be attached to.</summary>
    public async Task<IReadOnlyList<DotNetProcess>> FamilyAsync(CancellationToken cancellation)
    {
        List<DotNetProcess> found = [];
        foreach (int pid in Family().Where(p => !_resumed.Contains(p) && DiagnosticSocket.Find(p) is not null))
        {
            try
            {
                if (await ProcessProbe.LookAsync(pid, cancellation) is { Refusal: null } process)
                    found.Add(process with { IsSuspended = true });
            }
            catch (DiagnosticsException)
            {
                // It has ended already.
            }
        }

        return found;
    }

    /// <summary>Resumes a suspended process, after it has been attached to.</summary>
    public async Task ResumeAsync(DotNetProcess process, CancellationToken cancellation)
    {
        if (!_resumed.Add(process.Pid)) return;
        try
        {
            DiagnosticsClient client = await DiagnosticSocket.ConnectAsync(process.Pid, process.Address!, cancellation);
            client.ResumeRuntime();
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or System.Net.Sockets.SocketException)
        {
            // It was not suspended, or has ended.
        }
    }

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
        if (_resumed.Count == 0 && _process.ExitCode == 0)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.NotDotNet, $"'{_name}' ended, and neither it nor what it started ran .NET "
                + "that one can attach to: nothing was recorded.");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Stop(null);
        await Ended;
        _process.Dispose();
    }

    private List<int> Family()
    {
        List<int> family = [_process.Id];
        if (!OperatingSystem.IsLinux()) return family;
        Process[] running = Process.GetProcesses();
        (int Pid, int Parent)[] all = [.. running.Select(p => (p.Id, ProcStat.Of(p.Id)?.Parent ?? 0))];
        foreach (Process process in running) process.Dispose();
        for (int i = 0; i < family.Count; i++) family.AddRange(all.Where(p => p.Parent == family[i]).Select(p => p.Pid));
        return family;
    }
}
