using RawEcho.Client.Run;

namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>Storms of clients that come back, against the gate's real code, in virtual time.</summary>
public class ReconnectStormTests
{
    private const double Tolerance = 0.15;

    [Fact]
    public void The_model_is_within_15_percent_of_the_simulation()
    {
        foreach ((StormSettings settings, StormResult result) in StormRuns.Ending.Where(r => r.Settings.Jitter))
        {
            StormModel model = StormRuns.ModelOf(settings);
            Assert.Equal(settings.Clients, result.Back);
            AssertNear(model.Until(0.5), result.P50);
            AssertNear(model.Until(0.99), result.P99);
            // The last one may have begun a pause of the longest kind just before.
            Assert.True(result.All <= result.P99 + (1.5 * ReconnectPause.Longest), $"{settings}: {result}");
        }
    }

    [Fact]
    public void Clients_that_all_pause_for_the_same_time_leave_the_server_idle_between_their_waves()
    {
        StormResult equal = StormRuns.Ending.Single(r => !r.Settings.Jitter).Result;
        (StormSettings settings, StormResult random) = StormRuns.Ending.First(r => r.Settings.Jitter);
        Assert.True(equal.P99 > 2 * random.P99, $"{equal}\n{random}");
        // What the handshakes take, with refusals besides, and little more.
        TimeSpan work = (settings.Clients * settings.Handshake / settings.Cores) + (random.Refused * settings.Refusal / settings.Cores);
        Assert.InRange(random.P99!.Value / work, 0.8, 1.1);
    }

    [Fact]
    public void A_storm_ends_where_handshakes_wait_for_less_long_than_clients_and_else_may_not()
    {
        foreach ((StormSettings settings, StormResult result) in StormRuns.Patience)
        {
            bool isBounded = settings.MaxWait != Timeout.InfiniteTimeSpan && settings.MaxWait < settings.ClientTimeout;
            Assert.True(isBounded == (result.Back == settings.Clients), $"{settings}\n{result}");
            // Next to nothing is computed for clients that have gone.
            if (isBounded) Assert.InRange(result.Wasted, 0, settings.Clients / 100);
            else Assert.True(result.Wasted > settings.Clients, $"{settings}\n{result}");
        }
    }

    [Fact]
    public void A_storm_of_refusals_alone_can_take_all_processors()
    {
        // 40 us each: from 125,000 clients on that come every 5 s, there is nothing left of one core.
        StormModel most = new(124_000, 1, TimeSpan.FromMilliseconds(1), MeasuredFigures.Refusal);
        Assert.True(most.Until(0.99) > TimeSpan.FromMinutes(5));
        Assert.Null((most with { Clients = 125_000 }).Until(0.99));
    }

    [Fact]
    public void The_same_seed_gives_the_same_storm()
    {
        var settings = new StormSettings
        {
            Clients = 2_000,
            Cores = 1,
            Handshake = TimeSpan.FromMilliseconds(2),
            Refusal = MeasuredFigures.Refusal,
            Queue = 100,
        };
        Assert.Equal(ReconnectStorm.Run(settings), ReconnectStorm.Run(settings));
        Assert.NotEqual(ReconnectStorm.Run(settings), ReconnectStorm.Run(settings with { Seed = 2 }));
    }

    private static void AssertNear(TimeSpan? expected, TimeSpan? actual) =>
        Assert.InRange(actual!.Value / expected!.Value, 1 - Tolerance, 1 + Tolerance);
}
