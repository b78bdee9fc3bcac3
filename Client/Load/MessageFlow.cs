using System.Numerics;

namespace RawEcho.Client.Load;

/// <summary>
/// The messages of one connection: which comes next, which are in flight, and whether their echoes match. One flow begins messages and
/// one takes echoes; they may be the same.
/// </summary>
internal sealed class MessageFlow
{
    private readonly LoadRun _run;
    private readonly SizeDistribution _sizes;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Message[] _ring;
    private readonly long _quota;
    private readonly long _most;
    private readonly Queue<Message> _again;
    private RandomSequence _random;
    private long _begun;
    private long _begunMeasured;
    private long _done;
    private int _echoed;
    private int _waiting;
    private long _roomAt;

    /// <param name="run">What all clients share.</param>
    /// <param name="stream">Number of the connection through the whole fleet: its messages are its own.</param>
    /// <param name="quota">How many messages to measure; long.MaxValue for as many as the time allows.</param>
    /// <param name="before">The messages of the connection that this one replaces: its own come behind them. Null for the first.</param>
    /// <param name="repeats">True to send again what the connection before was not answered.</param>
    public MessageFlow(LoadRun run, long stream, long quota, MessageFlow? before = null, bool repeats = false)
    {
        _run = run;
        _sizes = run.Shape.Sizes;
        _bytes = run.Bytes.All;
        _ring = new Message[BitOperations.RoundUpToPowerOf2((uint)run.Shape.Depth)];
        _quota = quota;
        _most = run.Shape.MessagesPerConnection ?? long.MaxValue;
        // Or every connection of a place would send the same few messages.
        _random = before?._random ?? new RandomSequence(run.Shape.Seed, stream);
        _again = before is not null && repeats ? before.TakeUnanswered() : new Queue<Message>(0);
        Volatile.Write(ref _waiting, _again.Count);
    }

    /// <summary>Messages whose whole echo has come back and matched, warm-up included.</summary>
    public long RoundTrips => Volatile.Read(ref _done);

    /// <summary>Messages whose echo has not come back whole.</summary>
    public int InFlight => (int)(Volatile.Read(ref _begun) - Volatile.Read(ref _done));

    /// <summary>When an echo last made room while all places were taken, ticks of Stopwatch; 0 when that was never.</summary>
    public long RoomAt => Volatile.Read(ref _roomAt);

    /// <summary>Messages of the connection before that are to be sent again, and were not yet.</summary>
    public int ToRepeat => Volatile.Read(ref _waiting);

    /// <summary>True when there is room for one of <see cref="ToRepeat"/>.</summary>
    public bool MayRepeat => ToRepeat > 0 && !IsFull;

    /// <summary>True when as many messages were begun on this connection as it may carry.</summary>
    public bool IsUsedUp => ToRepeat == 0 && Volatile.Read(ref _begun) >= _most;

    /// <summary>True when as many messages are in flight as may be.</summary>
    public bool IsFull => InFlight >= _run.Shape.Depth;

    /// <summary>How many messages that are measured were begun.</summary>
    public long BegunMeasured => Volatile.Read(ref _begunMeasured);

    /// <summary>How many messages to measure; long.MaxValue for as many as the time allows.</summary>
    public long Quota => _quota;

    /// <summary>True when as many messages were begun as are to be measured.</summary>
    public bool IsQuotaBegun => _begunMeasured >= _quota;

    /// <summary>Bytes of the messages in flight.</summary>
    public long Owed
    {
        get
        {
            long owed = 0;
            for (long i = Volatile.Read(ref _done); i < Volatile.Read(ref _begun); i++) owed += At(i).Size;
            return owed;
        }
    }

    /// <summary>How many bytes of the oldest message in flight have come back.</summary>
    public int Echoed => Volatile.Read(ref _echoed);

    /// <summary>What was wrong with an echo; null when nothing was.</summary>
    public string? Mismatch { get; private set; }

    /// <summary>True when there is room for another message, and one is wanted at <paramref name="now"/>.</summary>
    public bool MayBegin(long now) =>
        ToRepeat == 0 && !IsFull && !IsUsedUp && !_run.IsStopping && now < _run.EndAt
        && (_begunMeasured < _quota || now < _run.MeasureFrom);

    /// <summary>Notes that the connection came later than messages were due on it: there is room for them from now on.</summary>
    public void MarkRoom(long now) => Volatile.Write(ref _roomAt, now);

    /// <summary>Begins the next message.</summary>
    /// <param name="due">When it was to be sent.</param>
    /// <param name="now">The time.</param>
    /// <param name="cause">What kept it from being sent when it was due, if anything did.</param>
    /// <returns>What to send.</returns>
    public ReadOnlyMemory<byte> Begin(long due, long now, LateCause cause = LateCause.Client)
    {
        int size = _sizes.Next(ref _random);
        int offset = MessageBytes.OffsetOf(_random.Next());
        At(_begun) = new Message(offset, size, due, now, cause);
        if (due >= _run.MeasureFrom) Volatile.Write(ref _begunMeasured, _begunMeasured + 1);
        // Whoever takes echoes may find the message from here on.
        Volatile.Write(ref _begun, _begun + 1);
        return _bytes.Slice(offset, size);
    }

    /// <summary>
    /// Sends a message again that was begun on the connection before. It was due and sent when it was: the time until it could be sent
    /// again is a part of its latency.
    /// </summary>
    /// <returns>What to send.</returns>
    public ReadOnlyMemory<byte> Repeat()
    {
        Message message = _again.Dequeue();
        if (message.Due >= _run.MeasureFrom) _run.Recorder.RecordSentAgain();
        At(_begun) = message;
        // In this order: who counts both may find the message twice, and never not at all.
        Volatile.Write(ref _begun, _begun + 1);
        Volatile.Write(ref _waiting, _again.Count);
        return _bytes.Slice(message.Offset, message.Size);
    }

    /// <summary>Compares what has come back, and records the messages that are complete with it.</summary>
    /// <param name="echo">Bytes as they were read.</param>
    /// <param name="now">When they were read.</param>
    /// <returns>False when they are not what was sent; <see cref="Mismatch"/> says what is wrong.</returns>
    public bool Take(ReadOnlySpan<byte> echo, long now)
    {
        LoadRecorder recorder = _run.Recorder;
        while (!echo.IsEmpty)
        {
            if (_done == Volatile.Read(ref _begun)) return Fail(TooLong());
            ref Message message = ref At(_done);
            int length = Math.Min(echo.Length, message.Size - _echoed);
            ReadOnlySpan<byte> expected = _bytes.Span.Slice(message.Offset + _echoed, length);
            if (!echo[..length].SequenceEqual(expected)) return Fail(Different(message.Size, expected.CommonPrefixLength(echo)));
            echo = echo[length..];
            _echoed += length;
            if (_echoed < message.Size) return true;
            _run.MarkAnswered();
            if (message.Due >= _run.MeasureFrom) recorder.Record(message.Due, message.Sent, now, message.Cause);
            _echoed = 0;
            if (IsFull) Volatile.Write(ref _roomAt, now);
            Volatile.Write(ref _done, _done + 1);
        }

        return true;
    }

    /// <summary>Notes that the server said something before it was sent anything.</summary>
    public void FailUnasked() => Fail("The server sent data before it was sent any: it is no echo server.");

    private Queue<Message> TakeUnanswered()
    {
        var unanswered = new Queue<Message>(InFlight + _again.Count);
        for (long i = _done; i < _begun; i++) unanswered.Enqueue(At(i));
        foreach (Message message in _again) unanswered.Enqueue(message);
        return unanswered;
    }

    private ref Message At(long index) => ref _ring[(int)index & (_ring.Length - 1)];

    private string TooLong() => _done == 0
        ? "The server sent data before it was sent any: it is no echo server."
        : $"The echo of {At(_done - 1).Size} bytes is longer than that.";

    private string Different(int size, int same) => $"Byte {_echoed + same} of an echo of {size} bytes is not what was sent.";

    private bool Fail(string mismatch)
    {
        Mismatch = mismatch;
        return false;
    }

    private readonly record struct Message(int Offset, int Size, long Due, long Sent, LateCause Cause);
}
