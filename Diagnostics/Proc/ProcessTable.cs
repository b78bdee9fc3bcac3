using System.Diagnostics;
using System.Globalization;

namespace RawEcho.Diagnostics.Proc;

/// <summary>The processes of this machine, as numbers.</summary>
internal static class ProcessTable
{
    private const string Root = "/proc";

    /// <summary>All PIDs, those of kernel threads among them.</summary>
    public static IReadOnlyList<int> All()
    {
        if (OperatingSystem.IsLinux())
        {
            return
            [
                .. Directory.EnumerateDirectories(Root)
                    .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
                    .Where(pid => pid > 0),
            ];
        }

        Process[] all = Process.GetProcesses();
        int[] numbers = [.. all.Select(p => p.Id)];
        foreach (Process process in all) process.Dispose();
        return numbers;
    }
}
