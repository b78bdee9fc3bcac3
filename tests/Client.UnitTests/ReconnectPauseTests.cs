using RawEcho.Client.Run;

namespace RawEcho.Client.UnitTests;

/// <summary>How long clients wait before they connect again.</summary>
public class ReconnectPauseTests
{
    [Fact]
    public void Pauses_double_up_to_a_limit_and_begin_anew_after_a_connection()
    {
        double[] nominal = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5];
        var pause = new ReconnectPause(new Random(1));
        for (int loss = 0; loss < 3; loss++)
        {
            foreach (double seconds in nominal) Assert.InRange(pause.Next().TotalSeconds, 0.5 * seconds, 1.5 * seconds);
            pause.Reset();
        }
    }

    [Fact]
    public void Clients_that_lose_their_connections_together_do_not_come_back_together()
    {
        const int clients = 10_000;
        ReconnectPause[] pauses = [.. Enumerable.Range(0, clients).Select(seed => new ReconnectPause(new Random(seed)))];
        for (int attempt = 0; attempt < 8; attempt++)
        {
            TimeSpan[] all = [.. pauses.Select(p => p.Next()).Order()];
            TimeSpan width = all[^1] - all[0], mean = all[clients / 2];
            // Over about as much time as the pause takes, and evenly.
            Assert.InRange(width / mean, 0.95, 1.05);
            Assert.InRange((all[clients / 4] - all[0]) / width, 0.22, 0.28);
        }
    }
}
