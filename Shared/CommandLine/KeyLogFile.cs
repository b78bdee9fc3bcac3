using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>
/// The file of a key log (Linux): an ordinary one, a device, or a named pipe. Writing waits for nobody, and a line is written whole or not
/// at all, so that no half one is ever joined to another.
/// </summary>
internal sealed class KeyLogFile : IKeyLogSink, IDisposable
{
    private const int NoReader = 6; // ENXIO
    private const int WriteOnly = 1, ReadWrite = 2;
    private const int Create = 0x40, NoTerminal = 0x100, Append = 0x400, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int OwnerAlone = 0x180; // rw-------

    private readonly string _path;
    private SafeFileHandle? _file;
    private DescriptorSink? _sink;
    private int _written;
    private bool _isCut;

    private KeyLogFile(string path, SafeFileHandle? file)
    {
        _path = path;
        Use(file);
        _isCut = file is not null && EndsInTheMiddleOfALine();
    }

    /// <summary>Opens it for appending, and makes it for its owner alone if it is missing. A named pipe may get its reader later.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static KeyLogFile Open(string path)
    {
        if (StandardStreams.IsClosed(path))
            throw new CommandException(ExitCode.Usage, $"--keylog: {path} cannot be written: it is closed.");
        SafeFileHandle? file = TryOpen(path, WriteOnly, out int error);
        if (file is null && !(error == NoReader && IsNamedPipe(path)))
            throw new CommandException(ExitCode.Usage, $"--keylog: {path} cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.");
        return new KeyLogFile(path, file);
    }

    /// <inheritdoc/>
    public OutputError? TryWrite(ReadOnlySpan<byte> line)
    {
        if (_sink is null && TryOpen(_path, WriteOnly, out int error) is var file)
        {
            if (file is null) return new OutputError(error, error == NoReader ? "nobody reads it" : Marshal.GetPInvokeErrorMessage(error));
            Use(file);
        }

        if (_isCut && _sink!.Write("\n"u8, out _) is { } again) return Failed(again);
        _isCut = false;
        OutputError? failure = _sink!.Write(line[_written..], out int written);
        _written = failure is null ? 0 : _written + written;
        if (failure is null) return null;
        if (_written > 0 && TryTakeBack(_written)) _written = 0;
        return Failed(failure);
    }

    /// <inheritdoc/>
    public void WaitForRoom(TimeSpan longest) => _sink?.WaitForRoom((int)longest.TotalMilliseconds);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static SafeFileHandle? TryOpen(string path, int access, out int error)
    {
        int descriptor = open(path, access | Create | Append | NonBlocking | CloseOnExec | NoTerminal, OwnerAlone);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    // A pipe without a reader can be opened by who would read it himself; a socket, or a device that is not there, cannot.
    private static bool IsNamedPipe(string path)
    {
        using SafeFileHandle? file = TryOpen(path, ReadWrite, out _);
        return file is not null;
    }

    private void Use(SafeFileHandle? file)
    {
        _file = file;
        _sink = file is null ? null : new DescriptorSink((int)file.DangerousGetHandle(), waits: false);
    }

    private OutputError Failed(OutputError failure)
    {
        if (!failure.IsUnread) return failure;
        // The reader of the pipe is gone; the next one is found by opening it again.
        _file!.Dispose();
        Use(null);
        _written = 0;
        return failure with { Message = "nobody reads it any more" };
    }

    // The end of the file is what was just written: on a disk that is full nobody else has appended to it either.
    private bool TryTakeBack(int bytes)
    {
        try
        {
            RandomAccess.SetLength(_file!, RandomAccess.GetLength(_file!) - bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or NotSupportedException or ArgumentException or UnauthorizedAccessException)
        {
            // The rest of the line follows when there is room for it.
            return false;
        }
    }

    // Left by a program that was killed, or whose disk was full.
    private bool EndsInTheMiddleOfALine()
    {
        try
        {
            long length = RandomAccess.GetLength(_file!);
            if (length == 0) return false;
            using SafeFileHandle reading = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> last = stackalloc byte[1];
            return RandomAccess.Read(reading, last, length - 1) == 1 && last[0] != '\n';
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException)
        {
            // A pipe or a device has no end; of a file that may not be read nobody knows.
            return false;
        }
    }

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(string path, int flags, int mode);
}
