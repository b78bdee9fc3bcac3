using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Run;

namespace RawEcho.Client.UnitTests;

/// <summary>The steps of a time series when the clock does not move on between them.</summary>
public class SeriesRecorderTests
{
    [Fact]
    public void An_end_before_the_last_step_adds_none()
    {
        using LoadRun run = NewRun();
        var series = new SeriesRecorder(run, new FailureList());
        SecondResult last = series.Step(1.05);
        Assert.Same(last, series.Step(0.95));
        Assert.Equal(1.05, Assert.Single(series.Steps).At);
    }

    [Fact]
    public void What_happened_since_is_a_step_without_time()
    {
        using LoadRun run = NewRun();
        var failures = new FailureList();
        var series = new SeriesRecorder(run, failures);
        series.Step(1.05);
        failures.Add(new ClientFailure(3, "not connected", "Nobody listens."), client: 0);
        SecondResult last = series.Step(0.95);
        Assert.Equal((1.05, 0.0, null, 1L), (last.At, last.Seconds, last.RoundTripsPerSecond, last.Errors));
        Assert.Equal(2, series.Steps.Count);
    }

    private static LoadRun NewRun() => new(new LoadShape { Clients = 1, Sizes = SizeDistribution.Of(1, 1), Messages = 1 });
}
