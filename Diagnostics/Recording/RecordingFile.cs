using System.Globalization;
using System.Text;

namespace RawEcho.Diagnostics.Recording;

/// <summary>
/// The file of a recording, line by line and unbuffered. When it takes no more (a full disk), lines are kept and tried again with the
/// next one: a recording of hours, or the program that it started, does not end because of that. A line is in the file whole or not at all.
/// </summary>
/// <param name="stream">The file, unbuffered.</param>
/// <param name="warn">Takes the sentence that says that the file takes no more, once.</param>
internal sealed class RecordingFile(FileStream stream, Action<string> warn) : TextWriter(CultureInfo.InvariantCulture)
{
    private const int MostKept = 16 << 20;

    private readonly Queue<byte[]> _kept = new();
    private readonly bool _isRegular = stream.CanSeek && !stream.Name.StartsWith("/dev/", StringComparison.Ordinal);
    private long _keptBytes;
    private bool _hasBegun;
    private bool _isWarned;

    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Lines that are not in the file, count.</summary>
    public long Unwritten { get; private set; }

    /// <exception cref="IOException">Not even the first line can be written; or the file is a pipe, and its reader is gone.</exception>
    public override void WriteLine(string? value)
    {
        byte[] line = Encoding.GetBytes(value + "\n");
        Unwritten++;
        if (_keptBytes + line.Length <= MostKept)
        {
            _kept.Enqueue(line);
            _keptBytes += line.Length;
        }

        WriteKept();
    }

    public override void Write(char value) => throw new NotSupportedException("A recording is written line by line.");

    /// <summary>Tries once more to write what could not be written.</summary>
    public void WriteKept()
    {
        try
        {
            while (_kept.TryPeek(out byte[]? line))
            {
                Write(line);
                _kept.Dequeue();
                _keptBytes -= line.Length;
                Unwritten--;
                _hasBegun = true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && _hasBegun && stream.CanSeek)
        {
            CutOff();
            if (!_isWarned) warn($"{stream.Name} cannot be written for now: {e.Message.TrimEnd('.')}. It is tried again.");
            _isWarned = true;
        }
    }

    /// <summary>Closes the file and deletes it, unless it is a pipe or a device.</summary>
    public void Discard()
    {
        Dispose();
        if (_isRegular) File.Delete(stream.Name);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) stream.Dispose();
        base.Dispose(disposing);
    }

    private void Write(byte[] line)
    {
        try
        {
            stream.Write(line);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What .NET makes of a file that may not grow any more (EFBIG: ulimit -f).
            throw new IOException($"File too large : '{stream.Name}'", e);
        }
    }

    // What a failed write left behind its position; the next one begins there again.
    private void CutOff()
    {
        try
        {
            stream.SetLength(stream.Position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It is written over as soon as there is room.
        }
    }
}
