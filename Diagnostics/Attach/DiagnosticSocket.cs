using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// Where a runtime listens for tools: a socket in its TMPDIR, named by PID and start time so that one left behind by an earlier
/// process of the same number is not mistaken for it; a pipe on Windows.
/// See https://learn.microsoft.com/dotnet/core/diagnostics/diagnostic-port.
/// </summary>
internal static partial class DiagnosticSocket
{
    private const string TemporaryFolderVariable = "TMPDIR";
    private const string DefaultTemporaryFolder = "/tmp";
    private const string Pipes = @"\\.\pipe\";

    /// <summary>What it is here, in a word.</summary>
    public static string Kind => OperatingSystem.IsWindows() ? "pipe" : "socket";

    /// <summary>PIDs with a socket in this program's own temporary folder, stale ones among them; with a pipe on Windows.</summary>
    /// <exception cref="DiagnosticsException">Windows does not list its pipes.</exception>
    public static IEnumerable<int> Published()
    {
        (string folder, string pattern) = OperatingSystem.IsWindows()
            ? (Pipes, "dotnet-diagnostic-*")
            : (Path.GetTempPath(), "dotnet-diagnostic-*-socket");
        IEnumerable<string> files;
        try
        {
            files = Directory.GetFiles(folder, pattern);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows())
        {
            // Nobody can tell whether there are any: an empty list would say that there are none.
            string reason = e.Message.TrimEnd('.');
            throw new DiagnosticsException(
                DiagnosticsExitCode.File, $"The named pipes of this system cannot be listed, by which .NET processes are found: {reason}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return files
            .Select(f => PidInName().Match(Path.GetFileName(f)))
            .Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
            .Distinct();
    }

    /// <summary>The address of a process; null when there is none in the usual places.</summary>
    public static string? Find(int pid)
    {
        if (OperatingSystem.IsWindows())
        {
            // Not by File.Exists, which opens the pipe: the runtime would take that for a tool that comes and goes.
            return Published().Contains(pid) ? $"dotnet-diagnostic-{pid}" : null;
        }

        return Candidates(pid).FirstOrDefault(File.Exists);
    }

    /// <summary>
    /// A client for the address that <see cref="Find"/> gave: the library itself would look in this program's TMPDIR first.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="path">Its address. It is needed as long as the client is.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<DiagnosticsClient> ConnectAsync(int pid, SocketPath path, CancellationToken cancellation) =>
        OperatingSystem.IsWindows()
            ? new DiagnosticsClient(pid)
            : (await DiagnosticsClientConnector.FromDiagnosticPort($"{path.Name},connect", cancellation)).Instance;

    /// <summary>The temporary folder that a process was started with; null when it is not known.</summary>
    public static string? TemporaryFolderOf(int pid) =>
        OperatingSystem.IsLinux() && ProcFile.Read(pid, "environ") is { } all
            ? Absolute(pid, Variable(all, TemporaryFolderVariable) is { Length: > 0 } folder ? folder : DefaultTemporaryFolder)
            : null;

    /// <summary>A variable of /proc/PID/environ; null when it is not set.</summary>
    public static string? Variable(string environment, string name) => environment
        .Split('\0')
        .FirstOrDefault(v => v.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    // The process means its own current directory, and not that of this program.
    private static string Absolute(int pid, string folder) =>
        Path.IsPathRooted(folder) ? folder : Path.Combine(ProcFile.Link($"/proc/{pid}/cwd") ?? "/", folder);

    private static IEnumerable<string> Candidates(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            foreach (string path in Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{pid}-*-socket")) yield return path;
            yield break;
        }

        if (ProcStat.Of(pid) is not { } stat) yield break;
        yield return Path.Combine(Path.GetTempPath(), Name(pid));
        if (TemporaryFolderOf(pid) is not { } folder) yield break;
        yield return Path.Combine(folder, Name(pid));
        // In a container the process has another number, and another root.
        string[] numbers = ProcStatus.Of(pid)?.Words("NSpid") ?? [];
        if (numbers.Length > 0)
            yield return $"/proc/{pid}/root{Path.Combine(folder, Name(int.Parse(numbers[^1], CultureInfo.InvariantCulture)))}";

        string Name(int number) => $"dotnet-diagnostic-{number}-{stat.StartTicks}-socket";
    }

    [GeneratedRegex(@"^dotnet-diagnostic-(\d+)(-\d+-socket)?$")]
    private static partial Regex PidInName();
}
