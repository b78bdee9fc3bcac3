using System.Diagnostics;
using RawEcho.Client.Load;

namespace RawEcho.Client.Handshake;

/// <summary>
/// Begins each handshake at its own time, whatever became of those before it, as long as there is a place for it. One that finds none is
/// begun as soon as there is one.
/// </summary>
/// <param name="settings">What was asked for; it has a rate.</param>
/// <param name="attempt">Does a handshake: its number, and when it was due in ticks of Stopwatch. What it throws is a defect.</param>
/// <param name="isOver">True when nobody wants more.</param>
internal sealed class HandshakePacer(HandshakeSettings settings, Func<long, long, Task> attempt, Func<bool> isOver) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _places = new(settings.Clients);
    private readonly ClientPauses _pauses = new();
    private readonly TaskCompletionSource _defect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _roomAt;

    /// <summary>Handshakes that were begun more than <see cref="LoadRecorder.InTime"/> after their time.</summary>
    public LateCounts Late { get; private set; }

    /// <summary>Handshakes that were due, and not begun before the end.</summary>
    public LateCounts Unsent { get; private set; }

    /// <summary>Runs until the time is over, the number is reached, or nobody wants more, and every handshake has ended.</summary>
    /// <param name="start">When the first one is due, ticks of Stopwatch.</param>
    /// <param name="waited">Takes how long each one had waited that was not begun, ticks.</param>
    public async Task RunAsync(long start, Action<long> waited)
    {
        await Task.Factory.StartNew(
            () => Pace(start, waited), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // All places are free when all have ended.
        for (int i = 0; i < settings.Clients; i++) await _places.WaitAsync(CancellationToken.None);
        if (_defect.Task.IsFaulted) await _defect.Task;
    }

    public void Dispose() => _places.Dispose();

    private void Pace(long start, Action<long> waited)
    {
        PreciseSleep.PrepareThread();
        var schedule = new RateSchedule(start, settings.Rate!.Value, TimeSpan.Zero);
        var backlog = new Backlog(_pauses);
        long end = settings.Duration is { } duration ? start + LoadRun.Ticks(duration) : long.MaxValue;
        long count = settings.Count ?? long.MaxValue;
        for (long k = 0; k < count && schedule.DueAt(k) is var due && due < end; k++)
        {
            SleepUntil(due);
            bool hasPlace;
            while (!(hasPlace = _places.Wait(LongestWait)) && !IsOver(end))
            {
                // In steps, because the end must not wait for a server that says nothing.
            }

            if (IsOver(end))
            {
                CountUnsent(schedule, k, hasPlace, Math.Min(end, Stopwatch.GetTimestamp()), backlog, waited);
                if (hasPlace) _places.Release();
                return;
            }

            long now = Stopwatch.GetTimestamp();
            LateCause cause = backlog.Sending(due, Volatile.Read(ref _roomAt), now);
            if (now - due > LoadRun.Ticks(LoadRecorder.InTime)) Late += LateCounts.Of(cause, 1);
            backlog.Sent(schedule.DueAt(k + 1), now);
            _ = HoldAsync(k, due);
        }
    }

    private void CountUnsent(RateSchedule schedule, long next, bool hasPlace, long end, Backlog backlog, Action<long> waited)
    {
        long most = (settings.Count ?? long.MaxValue) - next;
        long unsent = schedule.CountUnsent(next, step: 1, from: 0, end, most, waited);
        if (unsent == 0) return;
        long room = hasPlace ? Volatile.Read(ref _roomAt) : long.MaxValue;
        Unsent = LateCounts.Of(backlog.AtEnd(schedule.DueAt(next), room, isBlocked: false, end), unsent);
    }

    private async Task HoldAsync(long number, long due)
    {
        try
        {
            await attempt(number, due);
        }
        catch (Exception e)
        {
            _defect.TrySetException(e);
        }

        if (_places.CurrentCount == 0) Volatile.Write(ref _roomAt, Stopwatch.GetTimestamp());
        _places.Release();
    }

    private bool IsOver(long end) => isOver() || _defect.Task.IsFaulted || Stopwatch.GetTimestamp() >= end;

    private void SleepUntil(long time)
    {
        for (long now = Stopwatch.GetTimestamp(); now < time && !isOver(); now = Stopwatch.GetTimestamp())
        {
            long until = Math.Min(time, now + LoadRun.Ticks(LongestWait));
            _pauses.FallAsleep(until);
            PreciseSleep.Until(until);
            _pauses.WakeUp(Stopwatch.GetTimestamp());
        }
    }
}
