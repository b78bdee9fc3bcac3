using System.Diagnostics;
using System.Globalization;
using RawEcho.Charts;
using RawEcho.Engine;
using RawEcho.Engine.Telemetry;
using RawEcho.Terminal;

namespace RawEcho.Server.Admin;

/// <summary>The last five minutes as a page.</summary>
internal static class LivePage
{
    private const int MostReasons = 5;

    private static readonly CloseReason[] InOrder =
    [
        CloseReason.PeerClosed, CloseReason.LocalClosed, CloseReason.Drained, CloseReason.LifetimeEnded, CloseReason.IdleTimeout,
        CloseReason.EndedBeforeFirstByte,
    ];

    /// <summary>Makes the page.</summary>
    /// <param name="samples">At least one, the oldest first.</param>
    /// <param name="isReady">False while the server drains.</param>
    /// <param name="now">The time of day, in UTC.</param>
    /// <param name="source">Where the page gets its newer contents from.</param>
    public static ReportPage Of(IReadOnlyList<LiveSample> samples, bool isReady, DateTimeOffset now, string source)
    {
        string since = string.Create(CultureInfo.InvariantCulture, $"The last {Seconds(samples, samples[^1]):0} s, at {now:HH:mm:ss} UTC");
        return new ReportPage
        {
            Title = "rawecho-server",
            Lead = $"{since}. Process {Environment.ProcessId} on {Environment.MachineName}.{(isReady ? "" : " It is draining: it stops.")}",
            Generator = ProgramVersion.Of("rawecho-server"),
            Written = now,
            LiveSource = source,
            Sections =
            [
                new HeadlineSection([.. Headlines(samples, isReady)]),
                new ChartSection("Work", [Rates(samples), Throughput(samples)]),
                new ChartSection("Connections", [Phases(samples), Handshakes(samples), Refusals(samples)]),
                new ChartSection("Process", [Memory(samples), Threads(samples), Collections(samples)]),
            ],
        };
    }

    private static IEnumerable<Headline> Headlines(IReadOnlyList<LiveSample> samples, bool isReady)
    {
        LiveSample last = samples[^1];
        yield return new Headline("State", isReady ? "ready" : "draining", IsBad: !isReady);
        yield return new Headline("Open connections", Unit.Count.Format(last.Statistics.ConnectionsOpen));
        yield return new Headline("Writes", Format(Unit.PerSecond, Last(samples, s => s.Statistics.Io.WriteOperations)), "an echo is one");
        yield return new Headline(
            "Slowest handshake", Format(Unit.Seconds, samples.Max(s => s.HandshakeMaximum)), "of these minutes");
        long refused = Bad(last.Statistics) - Bad(samples[0].Statistics);
        yield return new Headline("Refused or lost", Unit.Count.Format(refused), "in these minutes", IsBad: refused > 0);
        yield return new Headline("Private memory", Format(Unit.Bytes, last.PrivateBytes));
    }

    private static Chart Rates(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Rate",
        YName = "a second",
        YUnit = Unit.PerSecond,
        Series =
        [
            new Series("writes", Rate(samples, s => s.Statistics.Io.WriteOperations)),
            new Series("HTTP requests", Rate(samples, s => s.Requests)),
            new Series("handshakes", Rate(samples, s => s.Statistics.HandshakesDone)),
        ],
    };

    private static Chart Throughput(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Application data",
        YName = "a second",
        YUnit = Unit.BytesPerSecond,
        Series =
        [
            new Series("received", Rate(samples, s => s.Statistics.Io.BytesReceived)),
            new Series("sent", Rate(samples, s => s.Statistics.Io.BytesSent), IsDashed: true),
        ],
    };

    private static Chart Phases(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Connections by phase",
        YName = "connections",
        YUnit = Unit.Count,
        Kind = ChartKind.Step,
        Series =
        [
            new Series("open", Values(samples, s => s.Statistics.ConnectionsOpen)),
            new Series("handshake complete", Values(samples, s => s.Statistics.SessionsOpen)),
            new Series("handshake under way", Values(samples, s => s.Statistics.HandshakesUnderWay)),
            new Series("handshake waiting", Values(samples, s => s.Statistics.HandshakesWaiting)),
        ],
    };

    private static Chart Handshakes(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Time of handshakes",
        Note = "Of those that were completed in each second.",
        YName = "handshake",
        YUnit = Unit.Seconds,
        Series =
        [
            new Series("slowest", Values(samples, s => s.HandshakeMaximum)),
            new Series("median", Values(samples, s => s.HandshakeMedian)),
        ],
    };

    private static Chart Refusals(IReadOnlyList<LiveSample> samples)
    {
        CloseReason[] reasons =
        [
            .. Endings(samples[^1].Statistics)
                .Select(e => (e.Key, Count: e.Value - samples[0].Statistics.Endings.GetValueOrDefault(e.Key)))
                .Where(e => e.Count > 0).OrderByDescending(e => e.Count).Take(MostReasons).Select(e => e.Key),
        ];
        return new Chart
        {
            Title = "Refused and lost, by reason",
            YName = "a second",
            YUnit = Unit.PerSecond,
            Kind = ChartKind.Stem,
            Series =
            [
                new Series("refused at a limit", Rate(samples, s => s.Statistics.ConnectionsRefused)),
                .. reasons.Select(r => new Series($"{r}", Rate(samples, s => s.Statistics.Endings.GetValueOrDefault(r)))),
            ],
        };
    }

    private static Chart Memory(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Memory",
        YName = "memory",
        YUnit = Unit.Bytes,
        Series =
        [
            new Series("private", Values(samples, s => s.PrivateBytes)),
            new Series("held by the collector", Values(samples, s => s.CommittedBytes)),
            new Series("in use by objects", Values(samples, s => s.HeapBytes)),
        ],
    };

    private static Chart Threads(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Threads",
        YName = "threads",
        YUnit = Unit.Count,
        Kind = ChartKind.Step,
        Series =
        [
            new Series("all", Values(samples, s => s.Threads)),
            new Series("of the pool", Values(samples, s => s.PoolThreads)),
        ],
    };

    private static Chart Collections(IReadOnlyList<LiveSample> samples) => new()
    {
        Title = "Paused by garbage collection",
        YName = "of the time",
        YUnit = Unit.Percent,
        Kind = ChartKind.Stem,
        Series = [new Series("paused", Rate(samples, s => s.Paused.TotalSeconds * 100))],
    };

    private static IEnumerable<KeyValuePair<CloseReason, long>> Endings(EngineStatistics statistics) =>
        statistics.Endings.Where(e => !InOrder.Contains(e.Key));

    private static long Bad(EngineStatistics statistics) => statistics.ConnectionsRefused + Endings(statistics).Sum(e => e.Value);

    private static DataPoint[] Values(IReadOnlyList<LiveSample> samples, Func<LiveSample, double?> value) =>
        [.. samples.Select(s => new DataPoint(Seconds(samples, s), value(s)))];

    private static DataPoint[] Rate(IReadOnlyList<LiveSample> samples, Func<LiveSample, double> count) =>
        [.. samples.Skip(1).Select((s, i) => new DataPoint(Seconds(samples, s), Rate(samples[i], s, count)))];

    private static double? Last(IReadOnlyList<LiveSample> samples, Func<LiveSample, double> count) =>
        samples.Count > 1 ? Rate(samples[^2], samples[^1], count) : null;

    private static double Rate(LiveSample before, LiveSample after, Func<LiveSample, double> count) =>
        (count(after) - count(before)) / Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds;

    private static double Seconds(IReadOnlyList<LiveSample> samples, LiveSample sample) =>
        Stopwatch.GetElapsedTime(samples[0].At, sample.At).TotalSeconds;

    private static string Format(Unit unit, double? value) => value is { } known ? unit.Format(known) : "–";
}
