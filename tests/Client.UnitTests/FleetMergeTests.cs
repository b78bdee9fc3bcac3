using RawEcho.Client.Merge;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.UnitTests;

/// <summary>The results of a fleet's members are put together, or refused in one sentence.</summary>
public class FleetMergeTests
{
    private static readonly string[] Files = ["a.json", "b.json", "c.json"];
    private static readonly DateTimeOffset At = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void All_members_together_are_the_load_that_was_asked_for()
    {
        RunResult merged = Merge(Member(3), Member(1), Member(2));
        Assert.Equal(1000, merged.Settings.Rate);
        Assert.Equal(10, merged.Settings.Clients);
        Assert.Equal((null, 3), (merged.Fleet!.Member, merged.Fleet.Members));
        Assert.Empty(merged.Fleet.Missing!);
        Assert.Equal(Member(1).Fleet!.Id, merged.Fleet.Id);
        Assert.Equal(At, merged.Start!.At);
        Assert.Equal(0.003, merged.Start.LateSeconds);
        Assert.Null(Set(Member(1), Member(2), Member(3)).Problem());
        Assert.Null(Set(Member(1), Member(2), Member(3)).Doubt());
    }

    [Fact]
    public void Parts_of_a_fleet_may_be_merged_in_steps()
    {
        RunResult two = Merge(Member(3), Member(1));
        Assert.Equal([2], two.Fleet!.Missing);
        FleetSet all = Set(two, Member(2));
        Assert.Null(all.Problem());
        Assert.Equal([1, 2, 3], all.Members.Select(m => m.Member));
        Assert.Contains("both results of member 3 of 3", Refused(two, Member(3)), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_missing_is_named()
    {
        Assert.Equal("Member 2 of 3 is missing.", Set(Member(1), Member(3)).Problem());
        Assert.Equal("Members 1 and 3 of 3 are missing.", Set(Member(2)).Problem());
        RunResult one = Member(1) with { Fleet = Member(1).Fleet! with { Members = 100 } };
        Assert.Equal("Members 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 89 more of 100 are missing.", Set(one).Problem());
    }

    [Fact]
    public void A_wrong_set_is_refused_with_the_setting_that_differs()
    {
        RunResult first = Member(1), second = Member(2);
        Assert.Equal(
            "b.json is not of the same fleet as a.json: --depth 8 and not 1.",
            Refused(first, second with { Settings = second.Settings with { Depth = 8 } }));
        Assert.Equal(
            "b.json is not of the same fleet as a.json: --rate 2000 and not 1000; --seed 9 and not 7.",
            Refused(first, second with { Fleet = second.Fleet! with { Rate = 2000 }, Settings = second.Settings with { Seed = 9 } }));
        Assert.Equal(
            "b.json is not of the same fleet as a.json: --fleet N/4 and not N/3; "
                + "--start-at 2026-11-28T13:00:00Z and not 2026-11-28T12:00:00Z.",
            Refused(first, second with { Fleet = second.Fleet! with { Members = 4 }, Start = second.Start! with { At = At.AddHours(1) } }));
        Assert.Equal(
            "b.json is not of the same fleet as a.json: --clock 192.0.2.1:123 and not none.",
            Refused(first, WithClock(second, c => c with { Reference = "192.0.2.1:123", OffsetSeconds = 0, ErrorSeconds = 0 })));
        Assert.Equal(
            "a.json and b.json are both results of member 2 of 3: each counts once.", Refused(second, second with { Id = Guid.NewGuid() }));
        Assert.Equal(
            "b.json is the result of a fleet, and a.json is not: they are no parts of one load.",
            Refused(first with { Fleet = null }, second));
        Assert.Null(FleetSet.Of(["a.json"], [first with { Fleet = null }]));
    }

    [Fact]
    public void Members_that_did_not_load_at_the_same_time_are_named()
    {
        RunResult late = Member(2) with { Start = Member(2).Start! with { LateSeconds = 2.1 } };
        Assert.Equal(
            "Member 2 did not load at the same time as the others: it began 2.1 s late, more than 0.5 s, half a step of the time series.",
            Set(Member(1), late, Member(3)).Problem());
        // In the warm-up that is nobody's loss.
        RunResult[] members = [Member(1), late, Member(3)];
        RunResult[] warm = [.. members.Select(m => m with { Settings = m.Settings with { WarmupSeconds = 2 } })];
        Assert.Null(Set(warm).Problem());
        RunResult moved = WithClock(Member(2), c => c with { SetBySeconds = -3 });
        Assert.Contains("its clock was set by -3 s while it waited", Set(Member(1), moved, Member(3)).Problem(), StringComparison.Ordinal);
        RunResult[] vague =
        [
            .. Enumerable.Range(1, 3).Select(n => WithClock(
                Member(n), c => c with { Reference = "192.0.2.1:123", OffsetSeconds = 0, ErrorSeconds = n == 3 ? 0.75 : 0.001 })),
        ];
        Assert.StartsWith(
            "Member 3 did not load at the same time as the others: its clock is known to 0.75 s only", Set(vague).Problem(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_that_are_not_known_to_agree_are_said()
    {
        RunResult elsewhere = WithClock(Member(2), c => c with { Kernel = "another" });
        Assert.Equal(
            "The clocks of these members are not known to agree: Member 1 (unmeasured), Member 2 (unmeasured) and Member 3 (unmeasured). "
                + "--clock measures them.",
            Set(Member(1), elsewhere, Member(3)).Doubt());
        RunResult[] kept =
        [
            .. new[] { Member(1), elsewhere, Member(3) }.Select(m => WithClock(
                m, c => c with { Synchronized = true, MaxErrorSeconds = m.Fleet!.Member == 3 ? 1.5 : 0.02 })),
        ];
        Assert.Equal(
            "The clocks of these members are not known to agree: Member 3 (within 1.5 s, says its kernel). --clock measures them.",
            Set(kept).Doubt());
    }

    [Fact]
    public void The_slowest_is_named_by_latency_and_by_what_it_came_to()
    {
        RunResult slow = Member(2) with { RoundTripsPerSecond = 150, CorrectedLatency = Latency(90_000_000) };
        RunResult merged = Merge(Member(1), slow, Member(3));
        Assert.Equal((2, 2), (merged.Fleet!.SlowestByLatency, merged.Fleet.SlowestByRate));
        string text = RunText.Of(merged);
        Assert.Contains("Slowest by p99: member 2 on node2", text, StringComparison.Ordinal);
        Assert.Contains("Slowest by rate reached: member 2 on node2", text, StringComparison.Ordinal);
        // Where two are alike nobody is.
        merged = Merge(Member(1), Member(2), Member(3));
        Assert.Equal((null, null), (merged.Fleet!.SlowestByLatency, merged.Fleet.SlowestByRate));
    }

    [Fact]
    public void Time_series_are_aligned_by_the_agreed_start()
    {
        // The second one was too busy for its second step: the third one holds both.
        RunResult first = Member(1) with { Series = [Step(1.0149, 10), Step(2.002, 10), Step(3.001, 10), Step(3.5, 5)] };
        RunResult second = Member(2) with { Series = [Step(1.003, 7), Step(3.004, 14), Step(3.5, 4)] };
        RunResult third = Member(3) with { Series = [Step(1.001, 1), Step(2.001, 1), Step(2.99, 1), Step(3.5, 1)] };
        IReadOnlyList<SecondResult> merged = Merge(first, second, third).Series;
        Assert.Equal([18, 11, 25, 10], merged.Select(s => s.RoundTrips));
        Assert.Equal([1.0149, 2.002, 3.004, 3.5], merged.Select(s => s.At));
        Assert.Equal(64, merged.Sum(s => s.RoundTrips));
    }

    [Fact]
    public void The_last_short_step_stays_apart_where_it_can_and_is_never_lost()
    {
        RunResult[] members = [.. Enumerable.Range(1, 3).Select(n => Member(n) with { Series = [Step(1.01, 10), Step(1.1, 3)] })];
        IReadOnlyList<SecondResult> merged = Merge(members).Series;
        Assert.Equal(39, merged.Sum(s => s.RoundTrips));
    }

    private static RunResult Merge(params RunResult[] members) =>
        ResultMerger.Merge(Files[..members.Length], members, FleetSet.Of(Files[..members.Length], members));

    private static FleetSet Set(params RunResult[] members) => FleetSet.Of(Files[..members.Length], members)!;

    private static string Refused(params RunResult[] members)
    {
        CommandException refused = Assert.Throws<CommandException>(() => FleetSet.Of(Files[..members.Length], members));
        Assert.Equal(ExitCode.Fleet, refused.ExitCode);
        return refused.Message;
    }

    private static RunResult WithClock(RunResult member, Func<ClockResult, ClockResult> change) =>
        member with { Start = member.Start! with { Clock = change(member.Start.Clock!) } };

    // Of a fleet of three with ten connections.
    private static RunResult Member(int number)
    {
        int clients = number == 1 ? 4 : 3;
        RunResult run = ResultTests.Make(number, 100 * clients);
        return run with
        {
            Machine = run.Machine with { Name = $"node{number}" },
            Settings = run.Settings with { Clients = clients, Seed = 7, IntervalSeconds = 1 },
            RoundTripsPerSecond = 100 * clients,
            CorrectedLatency = Latency(1_000_000),
            Start = new StartResult(At, 0.001 * number) { Clock = new ClockResult { Kernel = "one" } },
            Fleet = new FleetResult { Member = number, Members = 3, Id = "abc", Clients = 10, Rate = 1000 },
        };
    }

    private static LatencyResult Latency(long nanoseconds)
    {
        var histogram = new Load.LatencyHistogram();
        histogram.Record(nanoseconds);
        return LatencyResult.Of(histogram);
    }

    private static SecondResult Step(double at, long roundTrips) => new()
    {
        At = at,
        Seconds = 1,
        RoundTrips = roundTrips,
        RoundTripsPerSecond = roundTrips,
        Errors = 0,
    };
}
