using System.Diagnostics;

namespace RawEcho.Client.Load;

/// <summary>
/// When each message of an open loop is to be sent: a steady rate, which may be reached over a ramp. Message k belongs to connection
/// k modulo the number of connections, so a schedule needs no state that is shared.
/// </summary>
/// <param name="start">When the run began, ticks of <see cref="Stopwatch"/>.</param>
/// <param name="rate">Messages a second over all connections.</param>
/// <param name="ramp">Over which time the rate grows from 0.</param>
internal sealed class RateSchedule(long start, double rate, TimeSpan ramp)
{
    private readonly double _ticksPerMessage = Stopwatch.Frequency / rate;
    private readonly double _rampTicks = LoadRun.Ticks(ramp);
    // While the rate grows evenly, half as many are sent as at the full rate.
    private readonly double _rampMessages = rate * ramp.TotalSeconds / 2;

    /// <summary>When message <paramref name="k"/> is due, ticks of <see cref="Stopwatch"/>.</summary>
    public long DueAt(long k) => start + (long)(k < _rampMessages
        ? _rampTicks * Math.Sqrt(k / _rampMessages)
        : _rampTicks + ((k - _rampMessages) * _ticksPerMessage));

    /// <summary>What of one connection's share was to be measured, was due before a time, and was not begun, count.</summary>
    /// <param name="next">Its next message.</param>
    /// <param name="step">How far apart its messages are: the number of connections.</param>
    /// <param name="from">Measuring begins here, ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="end">The time, ticks.</param>
    /// <param name="most">No more than so many are of interest.</param>
    /// <param name="waited">Takes how long each of them has waited, ticks; null to count only.</param>
    public long CountUnsent(long next, long step, long from, long end, long most, Action<long>? waited)
    {
        long unsent = 0;
        for (long k = next, due = DueAt(k); due < end && unsent < most; k += step, due = DueAt(k))
        {
            if (due < from) continue;
            unsent++;
            waited?.Invoke(end - due);
        }

        return unsent;
    }

    /// <summary>The first message that is due at <paramref name="time"/> or later.</summary>
    public long FirstFrom(long time)
    {
        double after = time - start;
        double guess = after < _rampTicks
            ? _rampMessages * Math.Pow(Math.Max(0, after) / _rampTicks, 2)
            : _rampMessages + ((after - _rampTicks) / _ticksPerMessage);
        // The guess is off by one at most, where rounding had it so.
        long k = Math.Max(0, (long)guess - 1);
        while (DueAt(k) < time) k++;
        return k;
    }
}
