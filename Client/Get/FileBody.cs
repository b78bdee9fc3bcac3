using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Get;

/// <summary>
/// The body in a file. It grows beside it under a name of its own and takes its place when it is complete: nobody finds half of it there. A
/// device or a pipe is written as it is.
/// </summary>
internal sealed class FileBody : BodyTarget
{
    private readonly string _final;
    private readonly FileStream _stream;
    private bool _isPartial;

    /// <param name="name">The file.</param>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public FileBody(string name)
    {
        try
        {
            if (StandardStreams.IsClosed(name)) throw new IOException($"{name} is closed");
            if (Directory.Exists(name)) throw new IOException($"{name} is a directory");
            // A link stays a link.
            _final = File.Exists(name) ? File.ResolveLinkTarget(name, returnFinalTarget: true)?.FullName ?? name : name;
            FileStream? there = File.Exists(_final) || IsOfSystem(_final)
                ? new FileStream(_final, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
                : null;
            if (there is not null && (IsOfSystem(_final) || !there.CanSeek))
            {
                _stream = there;
                return;
            }

            there?.Dispose();
            _stream = new FileStream($"{_final}.{Environment.ProcessId}.part", FileMode.Create, FileAccess.Write, FileShare.Read);
            _isPartial = true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw Refuse(e);
        }
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw Refuse(e);
        }
    }

    public override void Complete()
    {
        try
        {
            _stream.Dispose();
            if (_isPartial) File.Move(_stream.Name, _final, overwrite: true);
            _isPartial = false;
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw Refuse(e);
        }
    }

    public override void Dispose()
    {
        try
        {
            _stream.Dispose();
            if (_isPartial) File.Delete(_stream.Name);
        }
        catch (Exception e) when (IsExpected(e))
        {
            // What is left has its own name: nobody takes it for the whole.
        }
    }

    // Standard output among them, which may be a file that is not to be replaced.
    private static bool IsOfSystem(string name) =>
        Path.GetFullPath(name) is var full
        && (OperatingSystem.IsWindows()
            // NUL, CON and the like.
            ? full.StartsWith(@"\\.\", StringComparison.Ordinal)
            : full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal));

    // The last one is what .NET makes of a file that may not grow any more (EFBIG: ulimit -f).
    private static bool IsExpected(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException;

    private static CommandException Refuse(Exception e) =>
        new(ExitCode.Report, $"The body (--output) cannot be written: {e.Message.TrimEnd('.')}.");
}
