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
}
