using System.Globalization;
using System.Text;
using RawEcho.Client.Statistics;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>Several runs of one load in words.</summary>
internal static class RepeatText
{
    /// <summary>The median and the range of each figure; where no run is complete, what there is of the last one.</summary>
    public static string Of(RepeatResult result)
    {
        if (result.Complete == 0) return result.Runs.Count == 0 ? string.Empty : RunText.Of(result.Runs[^1]);
        var text = new StringBuilder();
        string interrupted = result.Interrupted ? " (interrupted)" : string.Empty;
        text.AppendLine(CultureInfo.InvariantCulture, $"Runs: {result.Complete} of {result.Asked}{interrupted}");
        text.AppendLine(Row(string.Empty, "median", "min", "max"));
        foreach (FigureResult figure in result.Figures)
        {
            Figure of = Figure.Find(figure.Name)!;
            FigureSample sample = figure.Sample;
            text.AppendLine(Row(figure.Name, of.Format(sample.Median), of.Format(sample.Min), of.Format(sample.Max)));
        }

        if (result.Runs.Count > result.Complete)
            text.AppendLine(CultureInfo.InvariantCulture, $"Not in the figures: run {result.Runs.Count}, {Brief(result.Runs[^1])}");
        return text.ToString();
    }

    /// <summary>A run in a few words.</summary>
    public static string Brief(RunResult run)
    {
        string end = run.Interrupted ? string.Create(CultureInfo.InvariantCulture, $" (interrupted after {run.Seconds:0.##} s)")
            : run.ExitCode != CommandLine.ExitCode.Success ? " (failed)"
            : string.Empty;
        if (!run.HasData) return $"nothing was measured{end}";
        if (run.IsStream) return $"{Quantity.Rate(run.MbitSent)} Mbit/s sent, {Quantity.Rate(run.MbitReceived)} Mbit/s received{end}";
        MetricValue? Percentile(string name) => RunMetrics.Latency(run.Latency(), name);
        string latencies = $"p50 {Quantity.Time(Percentile("p50")?.Value)}, p99 {Quantity.Time(Percentile("p99")?.Value)}";
        return $"{Quantity.Rate(run.RoundTripsPerSecond)} per second, {latencies}{end}";
    }

    private static string Row(string name, string median, string min, string max) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-15} {median,18} {min,18} {max,18}");
}
