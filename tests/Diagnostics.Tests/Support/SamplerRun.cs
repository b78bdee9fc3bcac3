using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>A sampler on one process, and all that it has told.</summary>
internal sealed class SamplerRun : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Sampler _sampler = new(new SamplingSettings(Interval, 1000));

    public List<Round> Rounds { get; } = [];

    /// <summary>How long <see cref="DuringAsync"/> took.</summary>
    public double Seconds { get; private set; }

    public static async Task<SamplerRun> StartAsync(int pid)
    {
        var run = new SamplerRun();
        await run._sampler.AttachAsync([await ProcessProbe.RequireAsync(pid, CancellationToken.None)], CancellationToken.None);
        await run.UntilAsync(() => run._sampler.HasRates, "rates");
        return run;
    }

    /// <summary>
    /// Does some work between two samples; the second sample is taken when all of its events have arrived. Only one interval: the process
    /// collects its values in its own rhythm, so a rate over a short time is good, but multiplied by that time it is not an amount.
    /// Counters arrive once a second.
    /// </summary>
    public async Task DuringAsync(Func<Task> work)
    {
        const int afterwards = 9;
        await TakeAsync();
        Rounds.Clear();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await work();
        await Task.Delay(Interval * afterwards);
        Rounds.Add(_sampler.Take());
        Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async Task UntilAsync(Func<bool> holds, string what)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            if (clock.Elapsed > Testing.TimeLimit.Default) throw new TimeoutException($"Still not: {what}.");
            await TakeAsync();
        }
    }

    /// <summary>The last value of a row; null when it is absent.</summary>
    public double? Last(Metric metric) =>
        Rounds[^1].Samples.SingleOrDefault()?.Values is { } values && values.TryGetValue(metric.Name, out double value) ? value : null;

    /// <summary>What a rate comes to over the time of <see cref="DuringAsync"/>: the amount. To within an interval in some ten.</summary>
    public double Total(Metric metric) => Last(metric) is { } rate ? rate * Seconds : 0;

    public async ValueTask DisposeAsync() => await _sampler.DisposeAsync();

    private async Task TakeAsync()
    {
        await Task.Delay(Interval);
        Rounds.Add(_sampler.Take());
    }
}
