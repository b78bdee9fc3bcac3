using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Tests.Support;

internal static class Native
{
    /// <summary>Sends a signal by its number; see kill(2).</summary>
    public static void Signal(int pid, int signal)
    {
        Assert.Equal(0, kill(pid, signal));

        [DllImport("libc")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int kill(int process, int signal);
    }
}
