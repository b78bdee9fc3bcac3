using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// The pace at which session tickets may end before their time: when one of them brought back a peer that may no longer come in, and
/// whose renewed certificate nobody gets to see while it resumes.
/// </summary>
/// <param name="renew">Ends all tickets.</param>
/// <param name="clock">Measures the pace; null for the system's.</param>
internal sealed class TicketRenewal(Action renew, TimeProvider? clock = null)
{
    /// <summary>How many times in a row.</summary>
    public const int Burst = 32;

    /// <summary>
    /// And then once in so much time. A former member with a ticket can cause it, and every other peer pays for it with a full handshake.
    /// </summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private long _since = (clock ?? TimeProvider.System).GetTimestamp();
    private int _left = Burst;

    /// <summary>Of this process, as the keys are.</summary>
    public static TicketRenewal OfProcess { get; } = new(TicketKeys.Renew);

    /// <summary>
    /// The intermediates that the tickets of this process need. OpenSSL's keys belong to a certificate and not to whoever listens with it,
    /// so a ticket of one server can be shown to another, and to the same one after its roots have changed.
    /// </summary>
    public static KnownIntermediates IntermediatesOfProcess { get; } = CreateIntermediates();

    /// <summary>Is told that tickets are out which cannot be resumed any more, or must not.</summary>
    public void TryRenew()
    {
        lock (_lock)
        {
            int earned = (int)Math.Min(Burst, _clock.GetElapsedTime(_since) / Pace);
            if (earned > 0)
            {
                _left = Math.Min(Burst, _left + earned);
                _since = _clock.GetTimestamp();
            }

            if (_left == 0) return;
            _left--;
        }

        renew();
    }

    private static KnownIntermediates CreateIntermediates()
    {
        var known = new KnownIntermediates();
        known.Forgotten += OfProcess.TryRenew;
        return known;
    }
}
