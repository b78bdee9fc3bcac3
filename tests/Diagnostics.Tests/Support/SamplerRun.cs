using System.Globalization;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>A sampler on one process, and all that it has told.</summary>
internal sealed class SamplerRun : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Sampler _sampler = new(new SamplingSettings(Interval, 1000));

    public List<Round> Rounds { get; } = [];

    public static async Task<SamplerRun> StartAsync(int pid)
    {
        var run = new SamplerRun();
        await run._sampler.AttachAsync([await ProcessProbe.RequireAsync(pid, CancellationToken.None)], CancellationToken.None);
        await run.UntilAsync(() => run._sampler.HasRates, "rates");
        return run;
    }

    /// <summary>Takes samples until something is done, and then as many as it takes for the last of it to have come.</summary>
    public async Task DuringAsync(Func<Task> work)
    {
        const int afterwards = 4;
        Rounds.Clear();
        _sampler.Take();
        Task doing = work();
        for (int i = 0; i < afterwards; i += doing.IsCompleted ? 1 : 0) await TakeAsync();
        await doing;
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
    public double? Last(Metric metric) => Rounds[^1].Samples.SingleOrDefault()?.Values is { } values && values.TryGetValue(metric.Name, out double value) ? value : null;

    public double? Max(Metric metric) => Values(metric).Max(v => (double?)v.Value);

    /// <summary>What a rate comes to over all rounds: the amount.</summary>
    public double Total(Metric metric) => Values(metric).Sum(v => v.Value * v.Seconds);

    public async ValueTask DisposeAsync() => await _sampler.DisposeAsync();

    private async Task TakeAsync()
    {
        await Task.Delay(Interval);
        Rounds.Add(_sampler.Take());
    }

    private IEnumerable<(double Value, double Seconds)> Values(Metric metric)
    {
        // Before the first round of a piece of work one was taken that is not kept.
        double before = Rounds[0].Seconds - Interval.TotalSeconds;
        foreach (Round round in Rounds)
        {
            Sample sample = round.Samples.SingleOrDefault() ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No sample at {round.Seconds} s."));
            if (sample.Values.TryGetValue(metric.Name, out double value)) yield return (value, round.Seconds - before);
            before = round.Seconds;
        }
    }
}
