using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RawEcho.Testing.Processes;

/// <summary>Soft limits of a program that runs; see prlimit(2).</summary>
public static class ResourceLimit
{
    private const int FileSize = 1, OpenFiles = 7;

    /// <summary>How many file descriptors it may have.</summary>
    public static void SetDescriptors(int process, ulong soft) => Set(process, OpenFiles, soft);

    /// <summary>How large a file may become, bytes, as on a disk that is full; null for as large as the program may allow itself.</summary>
    public static void SetFileSize(int process, ulong? soft) => Set(process, FileSize, soft);

    private static void Set(int process, int resource, ulong? soft)
    {
        ulong[] limit = new ulong[2];
        if (prlimit(process, resource, null, limit) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        if (prlimit(process, resource, [soft ?? limit[1], limit[1]], null) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int prlimit(int process, int resource, ulong[]? limit, [In, Out] ulong[]? old);
    }
}
