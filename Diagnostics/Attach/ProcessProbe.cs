using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Attach;

/// <summary>Finds out what a process is and whether it can be attached to; if not, the reason as one sentence.</summary>
internal static class ProcessProbe
{
    private const string CoreLibrary = "libcoreclr";
    private const string ManagedLibrary = "System.Private.CoreLib";
    private static readonly string[] Switches =
        ["DOTNET_EnableDiagnostics", "COMPlus_EnableDiagnostics", "DOTNET_EnableDiagnostics_IPC", "COMPlus_EnableDiagnostics_IPC"];

    /// <summary>How long a runtime may take to answer.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>Looks at one process.</summary>
    /// <returns>Null when it does not run .NET, as far as is known.</returns>
    /// <exception cref="DiagnosticsException">There is no such process.</exception>
    public static async Task<DotNetProcess?> LookAsync(int pid, CancellationToken cancellation)
    {
        if (!Exists(pid)) throw new DiagnosticsException(DiagnosticsExitCode.NoSuchProcess, $"There is no process {pid}.");
        if (DiagnosticSocket.Find(pid) is { } address) return await AskAsync(pid, address, cancellation);
        if (!OperatingSystem.IsLinux() || ProcStat.Of(pid) is { IsKernelThread: true }) return null;
        if (ProcFile.Read(pid, "maps") is not { Length: > 0 } maps || ProcFile.Read(pid, "environ") is not { } environment)
        {
            return Users.MayLookInto(pid)
                ? null
                : RefuseUser(pid) with { MayBeOther = true };
        }

        bool isDotNet = maps.Contains(CoreLibrary, StringComparison.Ordinal) || maps.Contains(ManagedLibrary, StringComparison.Ordinal);
        if (!isDotNet) return null;
        string? off = Switches.FirstOrDefault(s => DiagnosticSocket.Variable(environment, s) == "0");
        if (off is not null)
        {
            string started = $"Process {pid} was started with {off}=0, which switches its diagnostics off: start it without.";
            return Refuse(pid, DiagnosticsExitCode.DiagnosticsOff, started);
        }

        string folder = $"{DiagnosticSocket.TemporaryFolderOf(pid)}, its TMPDIR";
        return Refuse(pid, DiagnosticsExitCode.SocketMissing, $"Process {pid} runs .NET, but its diagnostics socket is not in {folder}: "
            + "it was deleted, or the process is only starting or ending.");
    }

    /// <summary>Looks at one process that is to be attached to.</summary>
    /// <exception cref="DiagnosticsException">It cannot be attached to; the message says why.</exception>
    public static async Task<DotNetProcess> RequireAsync(int pid, CancellationToken cancellation)
    {
        DotNetProcess process = await LookAsync(pid, cancellation)
            ?? throw new DiagnosticsException(
                DiagnosticsExitCode.NotDotNet, $"Process {pid} ({NameOf(pid)}) runs no .NET that one can attach to.");
        return process.Refusal is { } refusal ? throw refusal : process;
    }

    public static bool Exists(int pid)
    {
        // Ended but not yet waited for is ended.
        if (OperatingSystem.IsLinux()) return ProcStat.Of(pid) is { State: not ('Z' or 'X') };
        try
        {
            using Process process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private static async Task<DotNetProcess> AskAsync(int pid, string address, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(AnswerLimit);
        try
        {
            RuntimeInfo runtime = await PatientQuery.AskAsync(pid, () => RuntimeQuery.AskAsync(address, limit.Token), limit.Token);
            return new DotNetProcess(Describe(pid, runtime), null, address);
        }
        catch (Exception e) when (e is SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException)
        {
            return RefuseUser(pid);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            string why = OperatingSystem.IsLinux() && ProcStat.Of(pid) is { State: 'T' or 't' }
                ? "it is stopped (SIGSTOP, or a debugger)"
                : "it is stuck, or another tool holds it";
            return Refuse(
                pid, DiagnosticsExitCode.NoAnswer, $"Process {pid} does not answer within {AnswerLimit.TotalSeconds:0} s: {why}.");
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            if (!Exists(pid)) throw new DiagnosticsException(DiagnosticsExitCode.NoSuchProcess, $"Process {pid} has just ended.");
            string reason = e.Message.TrimEnd('.');
            return Refuse(
                pid,
                DiagnosticsExitCode.NoAnswer,
                $"Process {pid} does not take connections on its diagnostics {DiagnosticSocket.Kind}: {reason}.");
        }
    }

    /// <summary>A process that could not be looked at, for a reason that nobody foresaw.</summary>
    public static DotNetProcess RefuseUnreadable(int pid, Exception e) =>
        Refuse(pid, DiagnosticsExitCode.NoAnswer, $"Process {pid} cannot be looked at: {e.Message.Split('\n')[0].TrimEnd('.')}.");

    private static DotNetProcess RefuseUser(int pid)
    {
        string owner = Users.NameOf(pid) ?? "another user";
        string all = OperatingSystem.IsWindows() ? "as an administrator" : "as root";
        return Refuse(pid, DiagnosticsExitCode.WrongUser, $"Process {pid} belongs to {owner}: attach as that user, or {all}.");
    }

    private static DotNetProcess Refuse(int pid, int exitCode, string sentence) =>
        new(Describe(pid, new RuntimeInfo(null, null, null)), new DiagnosticsException(exitCode, sentence), null);

    private static ProcessDescription Describe(int pid, RuntimeInfo runtime)
    {
        string name = runtime.EntryAssembly ?? NameOf(pid);
        string? role = Roles.Of(name);
        return new ProcessDescription
        {
            Pid = pid,
            Name = name,
            Description = role is null ? name : $"RawEcho {role}",
            Role = role,
            Runtime = runtime.Version is { } version ? $".NET {version}" : null,
            GcMode = GcMode.Of(pid, name),
            User = OperatingSystem.IsLinux() ? Users.NameOf(pid) : null,
            Started = StartOf(pid),
            CommandLine = runtime.CommandLine,
        };
    }

    /// <summary>The name of a program as its command line gives it, without asking its runtime.</summary>
    public static string NameOf(int pid)
    {
        // The kernel cuts a program's name at 15 bytes; the command line has all of it.
        if (!OperatingSystem.IsLinux()) return UseProcess(pid, p => p.ProcessName) ?? "?";
        string name = ProgramName.Of(ProcFile.Read(pid, "cmdline")?.Split('\0', StringSplitOptions.RemoveEmptyEntries) ?? []);
        return name.Length > 0 ? name : ProcStat.Of(pid)?.Name ?? "?";
    }

    /// <summary>When it was started, by the clock of the day; null when it is gone, or not known.</summary>
    public static DateTimeOffset? StartOf(int pid) => UseProcess(pid, p => (DateTimeOffset?)p.StartTime);

    private static T? UseProcess<T>(int pid, Func<Process, T> use)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            return use(process);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return default;
        }
    }
}
