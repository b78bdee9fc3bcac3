using RawEcho.Client.Run;

namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>
/// How long a storm takes, without simulating it. The server computes handshakes with whatever refusals leave it, and each client that
/// waits comes to be refused once in the longest pause: dw/dt = -(c - r w / p) / h for w clients that wait. Before that come the attempts
/// with shorter pauses, all of which are refused.
/// </summary>
/// <param name="Clients">That come back at once.</param>
/// <param name="Cores">Those that are free for it, count; a fraction where the server has other work.</param>
/// <param name="Handshake">CPU time of the server for one.</param>
/// <param name="Refusal">CPU time of the server for a connection that it turns away.</param>
internal sealed record StormModel(int Clients, double Cores, TimeSpan Handshake, TimeSpan Refusal)
{
    private static readonly double Pause = ReconnectPause.Longest.TotalSeconds;

    // Attempts before pauses have their longest, beyond those that would be made in that time with the longest pauses.
    private static readonly double EarlyAttempts = CountEarly();

    /// <summary>The share of all cores that refusals take while nobody is back: from 1 on the storm does not end.</summary>
    public double RefusalShare => Clients * Refusal.TotalSeconds / (Pause * Cores);

    /// <summary>When so many are back; null when that does not come about.</summary>
    /// <param name="share">0.99 for 99 %.</param>
    public TimeSpan? Until(double share)
    {
        if (RefusalShare >= 1) return null;
        double seconds = Clients * share * Handshake.TotalSeconds / Cores;
        double refusal = Refusal.TotalSeconds;
        if (refusal > 0)
        {
            double most = Cores * Pause / refusal;
            double perSecond = refusal / (Pause * Handshake.TotalSeconds);
            seconds = Math.Log((most - (Clients * (1 - share))) / (most - Clients)) / perSecond;
        }

        return TimeSpan.FromSeconds(seconds + (Clients * EarlyAttempts * refusal / Cores));
    }

    private static double CountEarly()
    {
        int attempts = 0;
        double time = 0;
        for (double pause = ReconnectPause.First.TotalSeconds; pause < Pause; pause *= 2)
        {
            attempts++;
            time += pause;
        }

        return attempts - (time / Pause);
    }
}
