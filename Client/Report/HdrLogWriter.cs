using System.CommandLine;
using System.Text;
using HdrHistogram;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Report;

/// <summary>
/// The latencies of a run in the log format of HdrHistogram (version 1.3, compressed V2 histograms, nanoseconds), in the file of --hdr-log.
/// Lines without a tag hold the latency that a user feels; with a rate the service latency has lines with the tag "service".
/// </summary>
internal sealed class HdrLogWriter : IResultWriter<RunResult>
{
    private const long HighestValue = 1L << 38;
    private const int SignificantDigits = 3;

    private readonly OutputFile _file;
    private readonly IntervalLog _log;

    private HdrLogWriter(string name, IntervalLog log) => (_file, _log) = (new OutputFile(name, "The histogram log"), log);

    public static Option<string?> CreateOption() =>
        Parsers.FileName("--hdr-log", "Write the latencies as a log of HdrHistogram, too: one histogram for each second, in nanoseconds");

    /// <param name="name">The file; null for no log.</param>
    /// <param name="log">The steps of the run; where it has none, the run is one.</param>
    public static HdrLogWriter? To(string? name, IntervalLog log) => name is null ? null : new HdrLogWriter(name, log);

    /// <inheritdoc cref="OutputFile.Check"/>
    public void Check() => _file.Check();

    public void Write(RunResult result) => _file.Write(name => File.WriteAllText(name, ToText(result), new UTF8Encoding(false)));

    private string ToText(RunResult result)
    {
        HistogramBase[] histograms = [.. Intervals(result).SelectMany(i => Histograms(result, i))];
        using var stream = new MemoryStream();
        using (var writer = new HistogramLogWriter(stream)) writer.Write(result.StartedAt.UtcDateTime, histograms);
        // The package writes UTF-16, which no other reader of the format expects.
        return Encoding.Unicode.GetString(stream.ToArray()).TrimStart('\ufeff');
    }

    private IReadOnlyList<LatencyInterval> Intervals(RunResult result) => _log.Intervals.Count > 0
        ? _log.Intervals
        : [new LatencyInterval(0, result.Seconds, Buckets(result.ServiceLatency), result.CorrectedLatency is { } c ? Buckets(c) : null)];

    private static (long UpTo, long Count)[] Buckets(LatencyResult latency) => [.. latency.Histogram.Select(b => (b[0], b[1]))];

    private static IEnumerable<LongHistogram> Histograms(RunResult result, LatencyInterval interval)
    {
        DateTimeOffset start = result.StartedAt.AddSeconds(interval.From), end = result.StartedAt.AddSeconds(interval.To);
        long max = result.Latency().MaxNs ?? HighestValue;
        yield return Histogram(interval.Corrected ?? interval.Service, max, start, end);
        if (interval.Corrected is null) yield break;
        LongHistogram service = Histogram(interval.Service, result.ServiceLatency.MaxNs ?? HighestValue, start, end);
        service.Tag = "service";
        yield return service;
    }

    private static LongHistogram Histogram(IEnumerable<(long UpTo, long Count)> buckets, long max, DateTimeOffset start, DateTimeOffset end)
    {
        var histogram = new LongHistogram(1, HighestValue, SignificantDigits)
        {
            StartTimeStamp = start.ToUnixTimeMilliseconds(),
            EndTimeStamp = end.ToUnixTimeMilliseconds(),
        };
        foreach ((long upTo, long count) in buckets)
            histogram.RecordValueWithCount(Math.Clamp(Math.Min(upTo, max), 1, HighestValue), count);
        return histogram;
    }
}
