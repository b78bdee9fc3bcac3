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

    // On Windows a file whose last user is just closing it may not be opened, either.
    private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(2);

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
            if (TryTake(directory, mayBeClosing: clock.Elapsed < LongestClosing) is { } taken) return taken;
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

    private static DirectoryLock? TryTake(string directory, bool mayBeClosing)
    {
        const int readOnly = 0, exclusive = 2, dontWait = 4;
        if (OperatingSystem.IsWindows()) return TryTakeFile(directory, mayBeClosing);
        int descriptor = open(directory, readOnly);
        if (descriptor < 0)
            throw new CommandException(ExitCode.Certificate, $"cannot open {directory}: {Marshal.GetLastPInvokeErrorMessage()}.");
        if (flock(descriptor, exclusive | dontWait) == 0) return new DirectoryLock(descriptor, file: null);
        _ = close(descriptor);
        return null;
    }

    private static DirectoryLock? TryTakeFile(string directory, bool mayBeClosing)
    {
        const int sharingViolation = unchecked((int)0x80070020);
        string file = Path.Combine(directory, ".lock");
        try
        {
            return new DirectoryLock(
                -1, new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e.HResult == sharingViolation)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (mayBeClosing)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Certificate, $"cannot write to {directory}: {e.Message}");
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
