using System.Diagnostics;
using RawEcho.Client.Load;
using RawEcho.Client.Targets;

namespace RawEcho.Client.Http.Load;

/// <summary>
/// The requests of one place in a load, over one connection after the other. In a closed loop a request follows as soon as a response is
/// complete; with a rate each has its own time, and one that finds no room is sent as soon as there is some.
/// </summary>
/// <param name="run">What all share.</param>
/// <param name="shape">What the requests are like.</param>
/// <param name="url">Where they go.</param>
/// <param name="counts">Takes what the responses were like.</param>
/// <param name="number">Number of the place, from 0, through the whole fleet: it sends every request of the schedule whose number leaves
/// this rest.</param>
/// <param name="quota">How many requests to measure; long.MaxValue for as many as the time allows.</param>
internal sealed class RequestLoop(LoadRun run, HttpShape shape, HttpUrl url, HttpCounts counts, int number, long quota) : IPacedSender
{
    private readonly Lock _lock = new();
    private readonly long _most = shape.KeepAlive ? run.Shape.MessagesPerConnection ?? long.MaxValue : 1;
    // Requests that a connection did not answer which had served others before it ended in order.
    private readonly Queue<PlannedRequest> _again = new();
    private RandomSequence _random = new(run.Shape.Seed, number);
    private RateSchedule? _schedule;
    private TaskCompletionSource? _wake;
    private Passage? _current;
    private long _next;
    private long _nextDue;
    private long _begunMeasured;
    private readonly Backlog _backlog = new(run.Pauses);
    private long _roomAt;

    /// <summary>Requests that are measured and were begun, count.</summary>
    public long BegunMeasured => Volatile.Read(ref _begunMeasured);

    /// <summary>Requests whose response has not come whole, count.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock) return (_current?.InFlight ?? 0) + _again.Count;
        }
    }

    /// <summary>Sends requests over a connection until nothing more can or shall be sent over it.</summary>
    /// <param name="passage">The connection.</param>
    /// <param name="ended">Cancelled when the connection is over, whoever ended it.</param>
    public async Task<PassageEnd> RunAsync(Passage passage, CancellationToken ended)
    {
        lock (_lock)
        {
            _current = passage;
            _roomAt = Stopwatch.GetTimestamp();
            if (_schedule is null && (_schedule = run.Schedule) is not null) MoveTo(number);
        }

        await using CancellationTokenRegistration registration = ended.UnsafeRegister(_ => EndIfGone(passage), null);
        SendDue(Stopwatch.GetTimestamp());
        PassageEnd end = await passage.Over;
        lock (_lock)
        {
            _current = null;
            // Without a connection there is no room, until the next one begins.
            if (end != PassageEnd.Done) _roomAt = long.MaxValue;
        }

        return end;
    }

    /// <summary>Completes when it is time to open another connection: at once, or where each request has its own when one is due.</summary>
    public Task TurnToConnectAsync()
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            if (shape.KeepAlive || _schedule is null || IsAwaited(now)) return Task.CompletedTask;
            _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _wake.Task;
        }
    }

    public Task SendDueAsync(long now)
    {
        SendDue(now);
        return Task.CompletedTask;
    }

    public long CountUnsent(long end, Action<long>? waited = null)
    {
        lock (_lock)
        {
            return _schedule is null
                ? 0
                : _schedule.CountUnsent(_next, run.Shape.Share.AllClients, run.MeasureFrom, end, quota - _begunMeasured, waited);
        }
    }

    public LateCause CauseAtEnd(long end)
    {
        lock (_lock) return _backlog.AtEnd(_nextDue, _roomAt, isBlocked: false, end);
    }

    public void EndIfIdle()
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            if (IsAwaited(now)) _wake?.TrySetResult();
            if (_current is { } passage) EndIfOver(passage, now);
        }
    }

    private void SendDue(long now)
    {
        while (TryBegin(now, out Passage? passage, out PlannedRequest request)) _ = SendAllAsync(passage!, request);
    }

    private bool TryBegin(long now, out Passage? passage, out PlannedRequest request)
    {
        lock (_lock)
        {
            passage = _current;
            request = default;
            if (passage is null)
            {
                if (IsAwaited(now)) _wake?.TrySetResult();
                return false;
            }

            if (passage.InFlight >= run.Shape.Depth) return false;
            if (TryTake(passage, now, out request))
            {
                passage.InFlight++;
                return true;
            }

            EndIfOver(passage, now);
            return false;
        }
    }

    // One request after the other, for as long as there is one to send.
    private async Task SendAllAsync(Passage passage, PlannedRequest request)
    {
        do
        {
            await SendAsync(passage, request);
        }
        while (TryGoOn(passage, out request));
    }

    private bool TryGoOn(Passage passage, out PlannedRequest request)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            if (passage.InFlight >= run.Shape.Depth) _roomAt = now;
            if (TryTake(passage, now, out request)) return true;
            passage.InFlight--;
            EndIfOver(passage, now);
            return false;
        }
    }

    private async Task SendAsync(Passage passage, PlannedRequest request)
    {
        bool isAnswered = false;
        try
        {
            ReadOnlyMemory<byte>? body = shape.HasBody ? run.Bytes.All.Slice(request.Offset, request.Size) : null;
            using HttpRequestMessage message = shape.Request.Create(url, body);
            using HttpResponseMessage response = await passage.Exchange.SendAsync(message, CancellationToken.None);
            isAnswered = true;
            (long bytes, string? mismatch) = await ResponseCheck.ReadAsync(response, url.IsEcho ? body : null);
            long now = Stopwatch.GetTimestamp();
            lock (_lock)
            {
                if (mismatch is not null) passage.Fail(mismatch);
                else passage.HasServed = true;
            }

            run.MarkAnswered();
            if (mismatch is not null || !request.IsMeasured) return;
            run.Recorder.Record(request.Due, request.Sent, now, request.Cause);
            counts.Add((int)response.StatusCode, bytes);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            lock (_lock)
            {
                // A server may close a connection between requests; it closes without having looked at the one that is just coming.
                bool mayBeRepeated = !isAnswered && passage is { HasServed: true, Exchange: { IsUsedUp: true, Fault: null } };
                if (mayBeRepeated) _again.Enqueue(request);
                else passage.Fail(e);
            }
        }
        catch (Exception e)
        {
            // A defect. Nobody awaits this task: the connection ends by it, and says so.
            lock (_lock) passage.Fail(new InvalidOperationException($"{e.GetType().Name}: {e.Message}", e));
        }
    }

    private bool TryTake(Passage passage, long now, out PlannedRequest request)
    {
        request = default;
        if (passage.HasFailed || passage.Exchange.IsUsedUp || passage.Begun >= _most) return false;
        if (!_again.TryDequeue(out request))
        {
            if (IsOver(now) || (_schedule is not null && _nextDue > now)) return false;
            request = Create(passage, now);
        }

        passage.Begun++;
        return true;
    }

    private PlannedRequest Create(Passage passage, long now)
    {
        long due = _schedule is null ? now : _nextDue;
        long sent = now;
        LateCause cause = _schedule is null ? LateCause.Client : _backlog.Sending(due, _roomAt, now);
        bool isMeasured = due >= run.MeasureFrom;
        if (isMeasured) Volatile.Write(ref _begunMeasured, _begunMeasured + 1);
        if (_schedule is not null)
        {
            MoveTo(_next + run.Shape.Share.AllClients);
            _backlog.Sent(_nextDue, now);
        }

        // A request with a connection of its own is begun when that is begun.
        if (!shape.KeepAlive && passage.ConnectTime > 0) (due, sent) = (due - passage.ConnectTime, sent - passage.ConnectTime);
        else if (!shape.KeepAlive) (due, sent) = (_schedule is null ? passage.ConnectStartedAt : due, passage.ConnectStartedAt);
        if (!shape.HasBody) return new PlannedRequest(0, 0, due, sent, cause, isMeasured);
        int size = run.Shape.Sizes.Next(ref _random);
        return new PlannedRequest(MessageBytes.OffsetOf(_random.Next()), size, due, sent, cause, isMeasured);
    }

    private void MoveTo(long k) => (_next, _nextDue) = (k, _schedule!.DueAt(k));

    private bool IsOver(long now) =>
        run.IsStopping || now >= run.EndAt || (_begunMeasured >= quota && now >= run.MeasureFrom);

    // Something is to be done for which there has to be a connection; or there is nothing to wait for any more.
    private bool IsAwaited(long now) => _again.Count > 0 || IsOver(now) || (_schedule is not null && _nextDue <= now);

    private void EndIfOver(Passage passage, long now)
    {
        if (passage.InFlight > 0) return;
        bool isUsedUp = passage.Exchange.IsUsedUp || passage.Begun >= _most;
        if (passage.HasFailed) passage.End(PassageEnd.Failed);
        else if (IsOver(now) && (_again.Count == 0 || run.IsStopping)) passage.End(PassageEnd.Done);
        else if (isUsedUp) passage.End(PassageEnd.UsedUp);
    }

    private void EndIfGone(Passage passage)
    {
        lock (_lock)
        {
            if (passage.InFlight == 0) passage.End(PassageEnd.Failed);
        }
    }

    private readonly record struct PlannedRequest(int Offset, int Size, long Due, long Sent, LateCause Cause, bool IsMeasured);
}
