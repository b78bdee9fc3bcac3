using System.Runtime.InteropServices;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>
/// Keeps two runs of this program from writing to one directory at a time: each would leave half of its set. The directory
/// itself is locked (flock), so that nothing remains; on Windows, which cannot, a file in it.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly int _descriptor;
    private readonly FileStream? _file;

    private DirectoryLock(int descriptor, FileStream? file) => (_descriptor, _file) = (descriptor, file);

    /// <summary>Waits until nobody else has the directory.</summary>
    /// <param name="directory">It is there already.</param>
    /// <exception cref="CommandException">Another run has it for too long, or it cannot be opened.</exception>
    public static DirectoryLock Take(string directory)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        do
        {
            if (TryTake(directory) is { } taken) return taken;
            Thread.Sleep(Step);
        }
        while (clock.Elapsed < Longest);
        throw new CommandException(ExitCode.Certificate, $"another rawecho-certs is at work in {directory}.");
    }

    public void Dispose()
    {
        _file?.Dispose();
        if (_descriptor >= 0) _ = close(_descriptor);
    }

    private static DirectoryLock? TryTake(string directory)
    {
        const int readOnly = 0, exclusive = 2, dontWait = 4;
        if (OperatingSystem.IsWindows()) return TryTakeFile(Path.Combine(directory, ".lock"));
        int descriptor = open(directory, readOnly);
        if (descriptor < 0)
            throw new CommandException(ExitCode.Certificate, $"cannot open {directory}: {Marshal.GetLastPInvokeErrorMessage()}.");
        if (flock(descriptor, exclusive | dontWait) == 0) return new DirectoryLock(descriptor, file: null);
        _ = close(descriptor);
        return null;
    }

    private static DirectoryLock? TryTakeFile(string file)
    {
        try
        {
            return new DirectoryLock(
                -1, new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int flock(int descriptor, int operation);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}
