using HdrHistogram;
using RawEcho.Client.Load;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>The log of --hdr-log, read back by HdrHistogram's own reader, holds what was measured.</summary>
public class HdrLogTests
{
    private static readonly double[] Percents = [50, 90, 99, 99.9];

    [Fact]
    public void Every_second_is_an_interval_with_the_same_counts_and_quantiles()
    {
        using var folder = new TempFolder();
        var log = new IntervalLog();
        LatencyHistogram[] seconds = [.. Enumerable.Range(0, 3).Select(Values)];
        for (int i = 0; i < seconds.Length; i++) log.Add(i, i + 1, seconds[i], null);
        var all = new LatencyHistogram();
        foreach (LatencyHistogram second in seconds) all.Add(second);
        RunResult run = ResultTests.Make(1, 5000) with { Rate = null, ServiceLatency = LatencyResult.Of(all), CorrectedLatency = null };
        HdrLogWriter.To(folder["run.hlog"], log)!.Write(run);

        Assert.StartsWith("#[Histogram log format version", File.ReadAllText(folder["run.hlog"]), StringComparison.Ordinal);
        using FileStream stream = File.OpenRead(folder["run.hlog"]);
        using var reader = new HistogramLogReader(stream);
        HistogramBase[] read = [.. reader.ReadHistograms()];
        Assert.Equal(seconds.Length, read.Length);
        foreach ((LatencyHistogram expected, HistogramBase actual) in seconds.Zip(read))
        {
            Assert.Equal(expected.Count, actual.TotalCount);
            Assert.Equal(1000, actual.EndTimeStamp - actual.StartTimeStamp);
            foreach (double percent in Percents)
            {
                long value = expected.Percentile(percent)!.Value;
                Assert.Equal(value, actual.GetValueAtPercentile(percent), value * 0.002);
            }
        }
    }

    private static LatencyHistogram Values(int seed)
    {
        var random = new Random(seed);
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 10_000; i++) histogram.Record(random.NextInt64(1_000, 1L << random.Next(16, 30)));
        return histogram;
    }
}
