using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RawEcho.Terminal;

/// <summary>
/// A writer that never throws, whatever becomes of its sink. What cannot be written is lost and the failure is remembered; the next text
/// is tried again, because a disk that was full may have room by then. A line that was cut is ended before anything else is written.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "A standard stream stays open for as long as the process lives.")]
public sealed class GuardedWriter : TextWriter
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Lock _lock = new();
    private readonly OutputSink _sink;
    private Encoding _encoding;
    private byte _last = (byte)'\n';
    private bool _isCut;
    private volatile bool _isUnread;
    private long _failures;
    private volatile OutputError? _failure;

    /// <param name="sink">Where the text goes.</param>
    /// <param name="encoding">How it is encoded; null for UTF-8 without a mark.</param>
    internal GuardedWriter(OutputSink sink, Encoding? encoding = null)
    {
        _sink = sink;
        _encoding = encoding ?? Utf8;
    }

    /// <inheritdoc/>
    public override Encoding Encoding => _encoding;

    /// <summary>Texts that could not be written.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Why something was lost that nobody has been told of; null when nothing was.</summary>
    public OutputError? Failure => _failure;

    /// <summary>True when the reader of the pipe or the terminal is gone: nothing that is written now will be read.</summary>
    public bool IsUnread => _isUnread || !_sink.HasReader;

    /// <summary>Is called after each failure, on the thread that wrote.</summary>
    internal Action<OutputError>? OnFailure { get; set; }

    /// <summary>Writes a text.</summary>
    /// <returns>False when not all of it was taken.</returns>
    public bool TryWrite(ReadOnlySpan<char> text)
    {
        OutputError? error;
        lock (_lock) error = Put(text);
        return error is null || Tell(error);
    }

    /// <summary>Writes bytes as they are.</summary>
    /// <returns>False when not all of them were taken.</returns>
    public bool TryWriteBytes(ReadOnlySpan<byte> bytes)
    {
        OutputError? error;
        lock (_lock) error = bytes.IsEmpty ? null : Send(bytes);
        return error is null || Tell(error);
    }

    /// <summary>Writes a line in one piece.</summary>
    /// <returns>False when not all of it was taken.</returns>
    public bool TryWriteLine(string line) => TryWrite(line + NewLine);

    /// <summary>Writes a text of a few hundred bytes if that needs no waiting for the reader, or for another thread that waits.</summary>
    /// <returns>False when nothing or not all of it was written.</returns>
    public bool TryWriteNow(string text)
    {
        if (!_lock.TryEnter()) return false;
        OutputError? error;
        try
        {
            if (!_sink.IsReady) return false;
            error = Put(text);
        }
        finally
        {
            _lock.Exit();
        }

        return error is null || Tell(error);
    }

    /// <summary>What follows is in UTF-8, without a mark.</summary>
    internal void UseUtf8()
    {
        lock (_lock) _encoding = Utf8;
    }

    /// <summary>Says that the text itself now tells of what was lost, so that it is no failure any more.</summary>
    public void Forgive() => _failure = null;

    /// <summary>Says that texts were given up by whoever was to write them here.</summary>
    public void GiveUp(string why) => Tell(new OutputError(0, why));

    /// <summary>Completes when the reader is gone, or never.</summary>
    public async Task WaitUntilUnreadAsync(CancellationToken cancellation)
    {
        while (!IsUnread) await Task.Delay(LookInterval, cancellation);
    }

    /// <inheritdoc/>
    public override void Write(char value) => TryWrite([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => TryWrite(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => TryWrite(buffer);

    /// <inheritdoc/>
    public override void Write(string? value) => TryWrite(value);

    /// <inheritdoc/>
    public override void WriteLine() => TryWrite(NewLine);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => TryWriteLine(value ?? string.Empty);

    private OutputError? Put(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.GetMaxByteCount(text.Length) + 1);
        try
        {
            int start = 0;
            if (_isCut) buffer[start++] = (byte)'\n';
            return Send(buffer.AsSpan(0, start + Encoding.GetBytes(text, buffer.AsSpan(start))));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private OutputError? Send(ReadOnlySpan<byte> bytes)
    {
        OutputError? error = _sink.Write(bytes, out int written);
        if (written > 0) _last = bytes[written - 1];
        _isCut = error is not null && _last != '\n';
        return error;
    }

    // Outside the lock: telling may take its time. Always false, for the caller to return.
    private bool Tell(OutputError error)
    {
        Interlocked.Increment(ref _failures);
        if (error.IsUnread) _isUnread = true;
        _failure ??= error;
        OnFailure?.Invoke(error);
        return false;
    }
}
