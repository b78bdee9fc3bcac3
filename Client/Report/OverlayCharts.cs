using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>Several runs over one another: a colour for each group of runs, and a line for each run.</summary>
internal static class OverlayCharts
{
    /// <summary>More lines than these cannot be told apart: then each group shows the run in its middle.</summary>
    public const int MostLines = 12;

    private const double NanosecondsPerSecond = 1e9, BitsPerMbit = 1e6;

    /// <summary>A line of the charts.</summary>
    private sealed record Line(string Name, RunResult Run, int Color);

    /// <param name="groups">Groups of runs, with their names.</param>
    public static IReadOnlyList<ChartSection> Of(IReadOnlyList<(string Name, IReadOnlyList<RunResult> Runs)> groups)
    {
        Line[] lines = [.. Lines(groups)];
        bool hasMessages = lines.Any(l => !l.Run.IsStream);
        // One step is no line.
        bool hasTime = lines.Any(l => l.Run.Series.Count > 1);
        List<Chart> overTime = [];
        if (hasMessages && hasTime)
        {
            overTime.Add(OverTime(lines, "Throughput", "round trips per second", Unit.PerSecond, s => s.RoundTripsPerSecond));
            // Over time a run knows one latency of each kind; the corrected one is shown where every run has it.
            bool isCorrected = lines.All(l => l.Run.CorrectedLatency is not null);
            StepLatency? Felt(SecondResult step) => isCorrected ? step.CorrectedLatency : step.ServiceLatency;
            string name = isCorrected ? "Corrected latency" : "Latency";
            overTime.Add(OverTime(lines, $"{name}, p50", "latency", Unit.Seconds, s => Felt(s)?.P50Ns / NanosecondsPerSecond));
            overTime.Add(OverTime(lines, $"{name}, p99", "latency", Unit.Seconds, s => Felt(s)?.P99Ns / NanosecondsPerSecond));
        }

        if (hasTime && lines.Any(l => l.Run.Series.Any(s => s.MbitReceived is not null)))
        {
            overTime.Add(OverTime(
                lines, "Bit rate, both ways", "bits per second", Unit.BitsPerSecond, s => (s.MbitSent + s.MbitReceived) * BitsPerMbit));
        }

        List<ChartSection> sections = [];
        if (hasMessages) sections.Add(new ChartSection("Distribution", [ByPercentile(lines)]));
        sections.Add(new ChartSection("Over time", overTime));
        return sections;
    }

    /// <summary>A sentence where not all runs have a line; null where they have.</summary>
    public static string? Note(IReadOnlyList<(string Name, IReadOnlyList<RunResult> Runs)> groups) => IsThinned(groups)
        ? "The charts show one run of each: the one in the middle by its throughput. All runs are in the table."
        : null;

    private static bool IsThinned(IReadOnlyList<(string Name, IReadOnlyList<RunResult> Runs)> groups) =>
        groups.Sum(g => g.Runs.Count) > MostLines;

    private static IEnumerable<Line> Lines(IReadOnlyList<(string Name, IReadOnlyList<RunResult> Runs)> groups)
    {
        bool isThinned = IsThinned(groups);
        for (int color = 0; color < groups.Count; color++)
        {
            (string name, IReadOnlyList<RunResult> runs) = groups[color];
            if (isThinned)
            {
                yield return new Line(name, runs.OrderBy(Throughput).ElementAt(runs.Count / 2), color);
                continue;
            }

            for (int i = 0; i < runs.Count; i++)
            {
                string number = runs.Count > 1 ? (i + 1).ToString(CultureInfo.InvariantCulture) : string.Empty;
                yield return new Line($"{name} {number}".Trim(), runs[i], color);
            }
        }
    }

    /// <summary>By what runs are put in an order.</summary>
    public static double? Throughput(RunResult run) => run.IsStream ? run.MbitSent + run.MbitReceived : run.RoundTripsPerSecond;

    private static Chart OverTime(
        IEnumerable<Line> lines, string title, string name, Unit unit, Func<SecondResult, double?> value) => new()
        {
            Title = title,
            Note = "In each step, from the start of each run's measurement.",
            YName = name,
            YUnit = unit,
            MayBeLogarithmic = unit == Unit.Seconds,
            Series = [.. lines.Select(l => new Series(l.Name, [.. l.Run.Series.Select(s => new DataPoint(s.At, value(s)))], l.Color))],
        };

    private static Chart ByPercentile(IReadOnlyList<Line> lines)
    {
        bool isCorrected = lines.All(l => l.Run.CorrectedLatency is not null);
        return new Chart
        {
            Title = isCorrected ? "Corrected latency by percentile" : "Latency by percentile",
            Note = "How long the round trips took, from the fastest to the rarest.",
            YName = "latency",
            YUnit = Unit.Seconds,
            X = XAxisKind.Percentile,
            MayBeLogarithmic = true,
            Series =
            [
                .. lines.Select(l => new Series(
                    l.Name, RunCharts.Curve(isCorrected ? l.Run.CorrectedLatency! : l.Run.ServiceLatency), l.Color)),
            ],
        };
    }
}
