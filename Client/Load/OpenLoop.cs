using System.Diagnostics;
using RawEcho.Engine;

namespace RawEcho.Client.Load;

/// <summary>
/// Each message at its own time, whatever became of those before it. A pacer says when; a message that is due while all places in flight
/// are taken, or while a write is stuck, goes out as soon as there is room, and its latency counts from the time at which it was due.
/// </summary>
/// <param name="run">What all clients share.</param>
/// <param name="flow">The connection's messages.</param>
/// <param name="client">Number of the connection, from 0, through the whole fleet: it sends every message of the schedule whose number
/// leaves this rest.</param>
/// <param name="replaced">The connection that this one replaces; null for the first.</param>
/// <param name="goesOn">The connection before was closed in order: what came due since then is sent. Otherwise it is not made up
/// for.</param>
internal sealed class OpenLoop(LoadRun run, MessageFlow flow, int client, OpenLoop? replaced, bool goesOn) : IPacedSender
{
    private const int Free = 0;
    private const int Taken = 1;

    private readonly RateSchedule _schedule = run.Schedule!;
    private readonly int _step = run.Shape.Share.AllClients;
    private Connection? _connection;
    private OpenLoop? _replaced = replaced;
    // Pacer, reader and stop compete for the right to write; SslStream takes one write at a time.
    private int _sending;
    // Whoever has the right to write uses it; it changes hands with that right.
    private readonly Backlog _backlog = new(run.Pauses);
    private bool _isWriting;
    private long _next = client;
    private long _nextDue;
    private long _skipped;
    private bool _finished;

    public LateCause CauseAtEnd(long end) =>
        _backlog.AtEnd(_nextDue, flow.IsFull || flow.IsUsedUp ? long.MaxValue : flow.RoomAt, Volatile.Read(ref _isWriting), end);

    public long CountUnsent(long end, Action<long>? waited = null) =>
        _skipped + _schedule.CountUnsent(_next, _step, run.MeasureFrom, end, flow.Quota - flow.BegunMeasured, waited);

    /// <summary>Takes the echoes, and sends what is due when one has made room.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="firstSign">The wait for data that is already under way.</param>
    /// <returns>True when the run is over and every message has come back.</returns>
    public async Task<bool> RunAsync(Connection connection, Task<int> firstSign, byte[] buffer)
    {
        Begin(connection);
        Task<int>? waiting = firstSign;
        while (true)
        {
            if (waiting is not null || flow.InFlight == 0)
            {
                if (IsOver() && TryFinish()) return true;
                // Waiting for nothing in particular takes no buffer, and can be ended.
                if (waiting is not null) await waiting;
                else await connection.WaitForDataAsync();
                waiting = null;
                if (Volatile.Read(ref _finished)) return true;
            }

            int read = await connection.ReadAsync(buffer);
            if (read == 0) return false;
            long now = Stopwatch.GetTimestamp();
            if (!flow.Take(buffer.AsSpan(0, read), now)) return false;
            _ = SendDueAsync(now);
        }
    }

    public async Task SendDueAsync(long now)
    {
        try
        {
            while (IsDue(now) && Interlocked.CompareExchange(ref _sending, Taken, Free) == Free)
            {
                while (IsDue(now))
                {
                    ValueTask writing = _connection!.WriteAsync(flow.MayRepeat ? flow.Repeat() : BeginNext());
                    if (writing.IsCompletedSuccessfully)
                    {
                        writing.GetAwaiter().GetResult();
                        continue;
                    }

                    Volatile.Write(ref _isWriting, true);
                    await writing;
                    Volatile.Write(ref _isWriting, false);
                    now = Stopwatch.GetTimestamp();
                    _backlog.Unblocked(_nextDue, now);
                }

                // Then look again: who came in between has left it to us.
                Interlocked.Exchange(ref _sending, Free);
                // Its echo may have come before the right was given back: then nobody else ends the connection at once.
                if (flow.IsUsedUp) EndIfIdle();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is at its end. Its reader meets the same end and tells of it; the right to write is not given back.
        }
        catch (Exception e)
        {
            _connection!.Abort(CloseReason.HandlerFault, $"{e.GetType().Name}: {e.Message}");
        }
    }

    public void EndIfIdle()
    {
        // Its reader may be waiting for nothing.
        if (Volatile.Read(ref _connection) is { } connection && IsOver() && TryFinish()) connection.EndWhenIdle();
    }

    private void Begin(Connection connection)
    {
        long now = Stopwatch.GetTimestamp();
        if (_replaced is null) MoveTo(client);
        else if (goesOn) GoOn(now, _replaced);
        else SkipTo(now, _replaced);
        // Or a long run with many losses would hold all of them.
        _replaced = null;
        Volatile.Write(ref _connection, connection);
        _ = SendDueAsync(now);
    }

    private void GoOn(long now, OpenLoop before)
    {
        _skipped = before._skipped;
        flow.MarkRoom(now);
        MoveTo(before._next);
    }

    private ReadOnlyMemory<byte> BeginNext()
    {
        long now = Stopwatch.GetTimestamp();
        ReadOnlyMemory<byte> message = flow.Begin(_nextDue, now, _backlog.Sending(_nextDue, flow.RoomAt, now));
        MoveTo(_next + _step);
        _backlog.Sent(_nextDue, now);
        return message;
    }

    // What came due while there was no connection is not made up for: it is counted as not sent. A number of messages is sent all the same.
    private void SkipTo(long now, OpenLoop lost)
    {
        long first = _schedule.FirstFrom(now);
        MoveTo(first + ((client - (first % _step) + _step) % _step));
        if (run.Shape.Messages is null) _skipped = lost.CountUnsent(_nextDue);
    }

    private void MoveTo(long k)
    {
        _next = k;
        Volatile.Write(ref _nextDue, _schedule.DueAt(k));
    }

    private bool IsDue(long now) =>
        Volatile.Read(ref _connection) is not null
        && (flow.MayRepeat || (Volatile.Read(ref _nextDue) <= now && flow.MayBegin(_nextDue)));

    private bool IsOver() => flow.ToRepeat == 0 && (run.IsStopping || flow.IsQuotaBegun || flow.IsUsedUp);

    // For good: nobody writes from here on.
    private bool TryFinish()
    {
        if (flow.InFlight > 0 || Interlocked.CompareExchange(ref _sending, Taken, Free) != Free) return false;
        if (flow.InFlight == 0)
        {
            Volatile.Write(ref _finished, true);
            return true;
        }

        Interlocked.Exchange(ref _sending, Free);
        return false;
    }
}
