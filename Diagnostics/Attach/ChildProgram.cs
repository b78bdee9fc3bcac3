using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// A program that this one starts to watch it from its first moment: its runtime waits before it runs anything, until it has
/// been attached to. It shares this program's terminal. It may be a script: whatever .NET it starts is watched.
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

    /// <summary>Completes with its end.</summary>
    public Task Ended { get; }

    /// <exception cref="DiagnosticsException">It is not there, or cannot be started.</exception>
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

    /// <summary>The program and what it started, as far as they are .NET and have come so far that one may attach to them.</summary>
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

    /// <summary>Lets a process begin, once it has been attached to.</summary>
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
            // It was not waiting, or has ended: there is nothing to let go.
        }
    }

    /// <summary>Asks it to end in order.</summary>
    /// <param name="signal">What this program was asked with itself; null when nobody asked.</param>
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

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="DiagnosticsException">It ended, and there was nothing of .NET in it to record.</exception>
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
