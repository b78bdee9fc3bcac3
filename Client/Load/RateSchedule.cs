using System.Diagnostics;

namespace RawEcho.Client.Load;

/// <summary>
/// When each message of an open loop is to be sent. Message k belongs to connection k modulo the number of connections, so a schedule
/// needs no state of theirs.
/// </summary>
/// <param name="start">When the run began, ticks of <see cref="Stopwatch"/>.</param>
/// <param name="curve">The rate over time.</param>
/// <param name="arrivals">Random gaps; null for even ones.</param>
internal sealed class RateSchedule(long start, RateCurve curve, PoissonArrivals? arrivals = null)
{
    // All connections ask for the same times, one after the other.
    private Found _from = new(long.MinValue, 0);
    private Found _until = new(long.MinValue, 0);

    /// <param name="start">When the run began, ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="rate">Messages a second over all connections.</param>
    /// <param name="ramp">Over which time the rate grows from 0.</param>
    public RateSchedule(long start, double rate, TimeSpan ramp)
        : this(start, RateCurve.Steady(rate, ramp))
    {
    }

    /// <summary>When message <paramref name="k"/> is due, ticks of <see cref="Stopwatch"/>; long.MaxValue when that never is.</summary>
    public long DueAt(long k)
    {
        double seconds = curve.TimeOf(arrivals?.PositionOf(k) ?? k);
        return double.IsInfinity(seconds) ? long.MaxValue : start + (long)(seconds * Stopwatch.Frequency);
    }

    /// <summary>What of one connection's share was to be measured, was due before a time, and was not begun, count.</summary>
    /// <param name="next">Its next message.</param>
    /// <param name="step">How far apart its messages are: the number of connections.</param>
    /// <param name="from">Measuring begins here, ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="end">The time, ticks.</param>
    /// <param name="most">No more than so many are of interest.</param>
    /// <param name="waited">Takes how long each of them has waited, ticks; null to count only.</param>
    public long CountUnsent(long next, long step, long from, long end, long most, Action<long>? waited)
    {
        if (waited is null) return Math.Max(0, Math.Min(most, CountDue(next, step, from, end)));
        long unsent = 0;
        for (long k = next, due = DueAt(k); due < end && unsent < most; k += step, due = DueAt(k))
        {
            if (due < from) continue;
            unsent++;
            waited(end - due);
        }

        return unsent;
    }

    /// <summary>The first message that is due at <paramref name="time"/> or later.</summary>
    public long FirstFrom(long time)
    {
        double position = curve.MessagesBy(Math.Max(0, time - start) / (double)Stopwatch.Frequency);
        // The guess is off by one at most, where rounding had it so.
        long k = Math.Max(0, (arrivals?.FirstFrom(position) ?? (long)position) - 1);
        while (DueAt(k) < time) k++;
        return k;
    }

    // Without a step for each of them: --abort-if asks every second, and there may be millions.
    private long CountDue(long next, long step, long from, long end)
    {
        long first = next;
        if (DueAt(next) < from) first += (FirstFrom(from, ref _from) - next + step - 1) / step * step;
        return Math.Max(0, FirstFrom(end, ref _until) - first + step - 1) / step;
    }

    private long FirstFrom(long time, ref Found last)
    {
        // Others may ask for another time meanwhile.
        Found found = Volatile.Read(ref last);
        if (found.Time != time) Volatile.Write(ref last, found = new Found(time, FirstFrom(time)));
        return found.First;
    }

    private sealed record Found(long Time, long First);
}
