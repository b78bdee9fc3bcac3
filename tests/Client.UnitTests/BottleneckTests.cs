using RawEcho.Client.Bottlenecks;
using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.UnitTests;

/// <summary>Which verdict follows from which figures, and that figures which leave two parties lead to none.</summary>
public class BottleneckTests
{
    private const int Microsecond = 1000, Millisecond = 1_000_000;

    private static readonly ResourceResult Quiet = new()
    {
        Processors = 4,
        ClientCores = 0.2,
        BusiestThreadRan = 0.1,
        BusiestThreadWaited = 0.01,
        MachineBusy = 0.2,
        GcPauseSeconds = 0,
        ServerIsHere = false,
        NetworkMinNs = 100 * Microsecond,
        NetworkSmoothedNs = 150 * Microsecond,
        SentAgain = 0,
        PeerTookNoMore = 0,
    };

    [Fact]
    public void Without_a_rate_the_party_that_holds_the_messages_is_named()
    {
        Is("server", Closed(1 * Millisecond, 10 * Millisecond), Quiet);
        Is("server", Closed(50 * Millisecond, 50 * Millisecond), Quiet);
        Is("in-flight", Closed(105 * Microsecond, 110 * Microsecond), Quiet);
        Is("in-flight", Closed(110 * Microsecond, 300 * Microsecond), Quiet with { NetworkMinNs = 200 * Microsecond });
        Is("network", Closed(1 * Millisecond, 10 * Millisecond), Quiet with { SentAgain = 0.05 });
        Is("client", Closed(1 * Millisecond, 10 * Millisecond), Quiet with { BusiestThreadRan = 0.97 });
        Is("client", Closed(1 * Millisecond, 10 * Millisecond), Quiet with { ClientCores = 3.9, BusiestThreadRan = null });
    }

    [Fact]
    public void A_starved_client_is_no_slow_server()
    {
        RunResult run = Closed(1 * Millisecond, 10 * Millisecond);
        Is("client", run, Quiet with { BusiestThreadRan = 0.1, BusiestThreadWaited = 0.8 });
        Is("client", run, Quiet with { BusiestThreadRan = 0.1, BusiestThreadWaited = 0.8, MachineBusy = 1, ServerIsHere = true });
        Is("client", Open(late: new(2, 98, 0, 0)), Quiet with { BusiestThreadRan = 0.1, BusiestThreadWaited = 0.8 });
        Is("client", Open(late: new(98, 2, 0, 0)), Quiet);
    }

    [Fact]
    public void Figures_that_leave_two_parties_decide_nothing()
    {
        RunResult run = Closed(1 * Millisecond, 10 * Millisecond);
        Is("undecided", run, Quiet with { MachineBusy = 0.99, ServerIsHere = true });
        Is("undecided", run, Quiet with { MachineBusy = 0.99, ServerIsHere = true, BusiestThreadRan = 0.3, BusiestThreadWaited = 0.65 });
        Is("undecided", run, Quiet with { BusiestThreadRan = 0.7 });
        Is("undecided", run, Quiet with { BusiestThreadRan = null, BusiestThreadWaited = null });
        Is("undecided", run, Quiet with { NetworkMinNs = null, NetworkSmoothedNs = null });
        // The kernel's own acknowledgements took long: a queue on the way, or a server that answers with them.
        Is("undecided", run, Quiet with { NetworkSmoothedNs = 8 * Millisecond });
        Is("undecided", Open(late: new(50, 50, 0, 0)), Quiet);
        Is("undecided", run with { Errors = [new ErrorResult("connection lost", 1, "It was reset.", 7)] }, Quiet);
        Is("undecided", run with { RoundTrips = 0 }, Quiet);
        Is("undecided", run with { Seconds = 0.9 }, Quiet);
        // 20 us of this client's processor time in a round trip of 35.
        Is("undecided", Closed(30 * Microsecond, 35 * Microsecond), Quiet with { NetworkMinNs = 10 * Microsecond });
        Is("undecided", run, null);
    }

    [Fact]
    public void A_rate_that_was_kept_has_no_bottleneck_and_one_that_was_not_has_that_of_its_late_messages()
    {
        Is("none", Open(late: new(0, 5, 0, 0)), Quiet with { BusiestThreadRan = 0.97 });
        Is("server", Open(late: new(0, 100, 0, 0)), Quiet);
        Is("server", Open(late: new(0, 0, 100, 0)), Quiet with { PeerTookNoMore = 0.9 });
        Is("network", Open(late: new(0, 0, 100, 0)), Quiet);
        Is("undecided", Open(late: new(0, 0, 100, 0)), Quiet with { ServerIsHere = true });
    }

    [Fact]
    public void Messages_behind_a_pause_of_the_client_are_owed_to_the_client_and_those_behind_one_of_the_server_to_the_server()
    {
        var pauses = new ClientPauses();
        var backlog = new Backlog(pauses);
        // Due every 10; the client stops from 0 to 100, and then sends one after the other as each echo makes room.
        Assert.Equal(LateCause.Client, backlog.Sending(due: 10, room: 5, now: 100));
        backlog.Sent(nextDue: 20, now: 100);
        Assert.Equal(LateCause.Client, backlog.Sending(due: 20, room: 120, now: 121));
        backlog.Sent(nextDue: 130, now: 121);
        // It has caught up. Now the server keeps an echo from 130 to 200.
        Assert.Equal(LateCause.NoRoom, backlog.Sending(due: 140, room: 200, now: 201));
        backlog.Sent(nextDue: 150, now: 201);
        backlog.Unblocked(nextDue: 150, now: 500);
        Assert.Equal(LateCause.BlockedSend, backlog.Sending(due: 150, room: 201, now: 501));
        backlog.Sent(nextDue: 600, now: 501);
        Assert.Equal(LateCause.NoRoom, backlog.AtEnd(due: 600, room: long.MaxValue, isBlocked: false, end: 700));
    }

    [Fact]
    public void An_echo_that_lay_in_the_kernel_while_the_client_stood_still_is_no_delay_of_the_server()
    {
        const long second = 1_000_000_000;
        var pauses = new ClientPauses();
        var backlog = new Backlog(pauses);
        // Asleep until 1 s, and let run at 2 s. The message was due at 1.1 s, and its place was free at 2 s, when its echo could be read.
        pauses.FallAsleep(until: second);
        Assert.Equal(LateCause.Client, backlog.Sending(due: second + (second / 10), room: 2 * second, now: 2 * second));
        pauses.WakeUp(2 * second);
        backlog.Sent(nextDue: 3 * second, now: 2 * second);
        // The server keeps the next one as long, and the pacer is on time.
        Assert.Equal(LateCause.NoRoom, backlog.Sending(due: 3 * second, room: 4 * second, now: 4 * second));
    }

    private static void Is(string verdict, RunResult run, ResourceResult? used)
    {
        BottleneckResult found = BottleneckFinder.Of(run, used);
        Assert.True(found.Verdict == verdict, $"{found.Verdict}, not {verdict}: {found.Why}");
        Assert.NotEmpty(string.Join('\n', BottleneckText.Lines(found)));
    }

    private static RunResult Closed(int fastest, int usual)
    {
        var latency = new LatencyHistogram();
        latency.Record(fastest);
        for (int i = 1; i < 1000; i++) latency.Record(usual);
        return ResultTests.Make(seed: 1, rate: 1000) with
        {
            Rate = null,
            CorrectedLatency = null,
            ServiceLatency = LatencyResult.Of(latency),
            RoundTrips = 1000,
            RoundTripsPerSecond = 10_000,
            Errors = [],
        };
    }

    private static RunResult Open(LateResult late)
    {
        RunResult run = Closed(1 * Millisecond, 10 * Millisecond);
        long count = late.Client + late.NoRoom + late.BlockedSend;
        return run with { Rate = new RateResult(1000, count, Millisecond, 0) { LateBecause = late, UnsentBecause = LateResult.None } };
    }
}
