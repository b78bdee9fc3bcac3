using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// A name for a Unix domain socket that always fits into its address, which has 108 bytes (unix(7)): /proc/self/fd/N/NAME, where N is the
/// folder, opened. A long TMPDIR, or one in another root, is as good as any other then. It also keeps characters of the path (a comma) away
/// from the parsers of libraries.
/// </summary>
internal sealed class SocketPath : IDisposable
{
    private const int LongestAddress = 107;

    private readonly SafeFileHandle? _folder;

    private SocketPath(string name, SafeFileHandle? folder) => (Name, _folder) = (name, folder);

    /// <summary>What to connect to, until this object is disposed.</summary>
    public string Name { get; }

    /// <exception cref="IOException">The folder of the socket is gone, or may not be opened.</exception>
    public static SocketPath Open(string path)
    {
        const int pathOnly = 0x200000, closeOnExec = 0x80000;
        bool fits = System.Text.Encoding.UTF8.GetByteCount(path) <= LongestAddress && !path.Contains(',', StringComparison.Ordinal);
        if (!OperatingSystem.IsLinux() || fits) return new SocketPath(path, null);
        var folder = new SafeFileHandle(open(Path.GetDirectoryName(path)!, pathOnly | closeOnExec), ownsHandle: true);
        if (folder.IsInvalid) throw new IOException($"The folder of {path} cannot be opened");
        return new SocketPath($"/proc/self/fd/{folder.DangerousGetHandle()}/{Path.GetFileName(path)}", folder);

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
    }

    public void Dispose() => _folder?.Dispose();
}
