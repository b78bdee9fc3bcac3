using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.UnitTests;

public class FailConditionTests
{
    [Theory]
    [InlineData("p99>5ms", 5_000_001, true)]
    [InlineData("p99>5ms", 5_000_000, false)]
    [InlineData("p99>=5ms", 5_000_000, true)]
    [InlineData("p99.9 > 500us", 500_001, true)]
    [InlineData("p99.9 > 500\u00b5s", 500_001, true)]
    [InlineData("p99.9 > 500\u03bcs", 499_999, false)]
    [InlineData("service-p50>870ns", 871, true)]
    [InlineData("p99 > 5 ms", 5_000_001, true)]
    [InlineData("max>1.5s", 1_600_000_000, true)]
    [InlineData("max>2m", 119_000_000_000, false)]
    [InlineData("rps<10000", 9_999.5, true)]
    [InlineData("rps<=10000", 10_000, true)]
    [InlineData("errors>0", 0, false)]
    [InlineData("errors>0", 1, true)]
    [InlineData("status!=200>0", 1, true)]
    [InlineData("status=503 >= 2", 1, false)]
    [InlineData("status>=400", 0, false)]
    [InlineData("status>=400", 1, true)]
    public void A_condition_is_met_when_it_holds(string text, double actual, bool met)
    {
        Assert.True(FailCondition.TryParse(text, out FailCondition condition));
        Assert.Equal(met, condition.Evaluate(_ => new MetricValue(actual)).Met);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p99")]
    [InlineData("p99>5")]
    [InlineData("p99=5ms")]
    [InlineData("p101>5ms")]
    [InlineData("p0>5ms")]
    [InlineData("rps<5ms")]
    [InlineData("rps<many")]
    [InlineData("speed>5")]
    [InlineData("errors")]
    [InlineData("status>0")]
    [InlineData("status=700>0")]
    [InlineData("status!=200>5ms")]
    [InlineData("status!=200!=5")]
    [InlineData("p99>-5ms")]
    [InlineData("p99>5ms and more")]
    [InlineData("p99>1%")]
    [InlineData("max>1%")]
    [InlineData("rps<1%")]
    [InlineData("mbit-sent<1%")]
    [InlineData("errors>101%")]
    [InlineData("errors>%")]
    [InlineData("errors>1%%")]
    [InlineData("errors>1.%")]
    public void What_is_no_condition_is_refused(string text) => Assert.False(FailCondition.TryParse(text, out _));

    [Fact]
    public void A_condition_on_what_was_not_measured_cannot_be_decided()
    {
        Assert.True(FailCondition.TryParse("p99>5ms", out FailCondition condition));
        ConditionResult result = condition.Evaluate(_ => new MetricValue(null));
        Assert.Equal(new ConditionResult("p99>5ms", null, null) { Undecided = "nothing was measured" }, result);
        Assert.Equal(ExitCode.ConditionMet, Verdict.ExitCodeOf(ExitCode.Success, [result]));
        Assert.Equal(
            ["rawecho-client: FAIL: --fail-if p99>5ms: it cannot be decided, because nothing was measured."], Verdict.Lines([], [result]));
    }

    [Theory]
    [InlineData(4_000_000, null)]
    [InlineData(6_000_000, true)]
    public void An_interrupted_run_has_not_passed_a_condition(double actual, bool? met)
    {
        Assert.True(FailCondition.TryParse("p99>5ms", out FailCondition condition));
        ConditionResult result = condition.Evaluate(_ => new MetricValue(actual), "the run was interrupted");
        Assert.Equal(met, result.Met);
        Assert.Equal(met is null, result.Undecided is not null);
    }

    [Fact]
    public void A_metric_that_a_result_does_not_have_is_named()
    {
        Assert.True(FailCondition.TryParse("unsent>0", out FailCondition condition));
        CommandException refused = Assert.Throws<CommandException>(() => condition.Evaluate(_ => null));
        Assert.Contains("'unsent'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
    }

    [Theory]
    [InlineData("errors>1%", 1, 100, false, "1 % (1 of 100)")]
    [InlineData("errors>1%", 2, 100, true, "2 % (2 of 100)")]
    [InlineData("late >= 12.5 %", 1, 8, true, "12.5 % (1 of 8)")]
    [InlineData("unsent<5%", 0, 8, true, "0 % (0 of 8)")]
    [InlineData("status>=400>10%", 3, 20, true, "15 % (3 of 20)")]
    [InlineData("unanswered>0%", 0, 8, false, "0 % (0 of 8)")]
    public void A_share_is_of_all_that_there_were(string text, double part, double all, bool met, string actual)
    {
        Assert.True(FailCondition.TryParse(text, out FailCondition condition));
        ConditionResult result = condition.Evaluate(_ => new MetricValue(part, all));
        Assert.Equal((met, actual), (result.Met, result.Actual));
    }

    [Fact]
    public void A_share_of_nothing_cannot_be_decided()
    {
        Assert.True(FailCondition.TryParse("late<1%", out FailCondition condition));
        Assert.Null(condition.Evaluate(_ => new MetricValue(0, 0)).Met);
    }

    [Theory]
    [InlineData("errors>0%", "27.273 % (3 of 11)")]
    [InlineData("mismatches>0%", "20 % (2 of 10)")]
    [InlineData("unanswered>0%", "5 % (50 of 1000)")]
    [InlineData("late>0%", "1.55 % (17 of 1097)")]
    [InlineData("unsent>0%", "8.842 % (97 of 1097)")]
    public void A_run_has_what_its_shares_are_of(string text, string actual)
    {
        // Eight connections and two in their place, of which two were lost, and an attempt that failed.
        RunResult run = ResultTests.Make(1, 1000) with
        {
            RoundTrips = 950,
            Unanswered = 50,
            Mismatches = 2,
            Connections = new ConnectionsResult(10, 2, 2),
            Rate = new RateResult(1000, 17, 1_000_000, 97),
            Errors = [new ErrorResult("lost", 2, "", ExitCode.ConnectionLost), new ErrorResult("not connected", 1, "", ExitCode.Network)],
        };
        Assert.True(FailCondition.TryParse(text, out FailCondition condition));
        Assert.Equal(actual, condition.Evaluate(m => RunMetrics.Find(run, m)).Actual);
    }

    [Fact]
    public void A_run_that_a_condition_ended_has_passed_no_other_and_is_not_an_interrupted_one()
    {
        RunResult run = ResultTests.Make(1, 1000);
        FailCondition held = Condition("rps>0"), open = Condition("errors>0");
        ConditionResult ended = held.Evaluate(m => RunMetrics.Find(run, m)) with { EndedAtSeconds = 3 };
        RunResult aborted = Verdict.Evaluate(run, [open, held], [held], ended);
        Assert.Equal((true, false, ExitCode.ConditionMet), (aborted.Aborted, aborted.Interrupted, aborted.ExitCode));
        Assert.Equal([true, null, true], aborted.Conditions.Select(c => c.Met));
        Assert.Equal("--abort-if ended the run", aborted.Conditions[1].Undecided);

        // At the end it has ended nothing, and what does not hold is not shown.
        RunResult late = Verdict.Evaluate(run, [], [open, held], aborted: null);
        Assert.Equal((false, ExitCode.ConditionMet), (late.Aborted, late.ExitCode));
        Assert.Null(Assert.Single(late.Conditions).EndedAtSeconds);
        Assert.Equal(ExitCode.Success, Verdict.Evaluate(run, [], [open], aborted: null).ExitCode);

        RunResult interrupted = run with { Interrupted = true, ExitCode = ExitCode.Interrupted };
        Assert.Equal(ExitCode.Interrupted, Verdict.Evaluate(interrupted, [], [held], aborted: null).ExitCode);
    }

    private static FailCondition Condition(string text)
    {
        Assert.True(FailCondition.TryParse(text, out FailCondition condition));
        return condition;
    }
}
