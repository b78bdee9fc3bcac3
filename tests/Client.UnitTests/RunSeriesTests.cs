using RawEcho.Client.Results;
using RawEcho.Client.Run;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>Several runs of one load: medians, what ends them early, and what the conditions are about.</summary>
public class RunSeriesTests
{
    [Fact]
    public async Task Conditions_are_about_the_medians()
    {
        RepeatResult result = await RunAsync(["rps<1000", "rps<1001"], Run(1000), Run(10), Run(5000));
        FigureResult rate = result.Figures.Single(f => f.Name == "rps");
        Assert.Equal((1000.0, 10.0, 5000.0), (rate.Sample.Median, rate.Sample.Min, rate.Sample.Max));
        Assert.Equal(
            [new("rps<1000", "1000 (median of 3 runs)", false), new("rps<1001", "1000 (median of 3 runs)", true)], result.Conditions);
        Assert.Equal((3, ExitCode.ConditionMet), (result.Complete, result.ExitCode));
        Assert.Contains("Runs: 3 of 3", RepeatText.Of(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_series_that_is_interrupted_gives_what_there_is()
    {
        RunResult cut = Run(20) with { Interrupted = true, ExitCode = ExitCode.Interrupted, Seconds = 0.5 };
        RepeatResult result = await RunAsync(["rps<10", "rps<2000"], Run(1000), Run(1000), cut, Run(7));
        Assert.Equal((3, 2, true, ExitCode.Interrupted), (result.Runs.Count, result.Complete, result.Interrupted, result.ExitCode));
        Assert.Equal(1000, result.Figures.Single(f => f.Name == "rps").Sample.Max);
        Assert.Equal([null, true], result.Conditions.Select(c => c.Met));
        Assert.Equal("the runs were interrupted", result.Conditions[0].Undecided);
        string text = RepeatText.Of(result);
        Assert.Contains("Runs: 2 of 4 (interrupted)", text, StringComparison.Ordinal);
        Assert.Contains("Not in the figures: run 3, 20 per second", text, StringComparison.Ordinal);

        RepeatResult first = await RunAsync([], cut, Run(7));
        Assert.Contains("(interrupted)", RepeatText.Of(first), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Interrupted, first.ExitCode);
    }

    [Fact]
    public async Task A_stop_between_two_runs_is_an_interruption()
    {
        var stop = new TaskCompletionSource();
        var series = new RunSeries(3, [], TextWriter.Null);
        RepeatResult result = await series.RunAsync(
            _ =>
            {
                stop.SetResult();
                return Task.FromResult(Run(1000));
            },
            stop.Task).WithinLimit();
        Assert.Equal((1, true, ExitCode.Interrupted), (result.Complete, result.Interrupted, result.ExitCode));
    }

    [Fact]
    public async Task A_run_that_fails_ends_the_series_with_its_exit_code()
    {
        RunResult failed = Run(1) with
        {
            ExitCode = ExitCode.ConnectionLost,
            Errors = [new ErrorResult("connection lost", 2, "It broke.", ExitCode.ConnectionLost) { Clients = 2 }],
        };
        RepeatResult result = await RunAsync(["rps<1"], Run(1000), failed, Run(7));
        Assert.Equal((2, 1, false, ExitCode.ConnectionLost), (result.Runs.Count, result.Complete, result.Interrupted, result.ExitCode));
        Assert.Equal("1 of 3 runs were complete", Assert.Single(result.Conditions).Undecided);
        Assert.Equal("connection lost", Assert.Single(result.Errors).Kind);
    }

    private static int _ids;

    private static RunResult Run(double rate) =>
        ResultTests.Make(seed: 1, rate: 5000) with { Id = new Guid(++_ids, 2, 0, new byte[8]), RoundTripsPerSecond = rate };

    private static Task<RepeatResult> RunAsync(string[] conditions, params RunResult[] runs)
    {
        FailCondition[] parsed = [.. conditions.Select(c => FailCondition.TryParse(c, out FailCondition condition) ? condition : null!)];
        var never = new TaskCompletionSource();
        return new RunSeries(runs.Length, parsed, TextWriter.Null)
            .RunAsync(number => Task.FromResult(runs[number - 1]), never.Task).WithinLimit();
    }
}
