using System.Globalization;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>What a figure counts in.</summary>
internal enum FigureUnit
{
    /// <summary>Nanoseconds.</summary>
    Ns,

    /// <summary>Things a second.</summary>
    PerSecond,

    /// <summary>Mbit/s.</summary>
    Mbit,

    /// <summary>Pieces.</summary>
    Count,
}

/// <summary>A figure of a run by which runs are compared. Its name is the one that --fail-if takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">What it counts in.</param>
/// <param name="MoreIsBetter">True where a larger value is the better one.</param>
internal sealed record Figure(string Name, FigureUnit Unit, bool MoreIsBetter)
{
    private const string ClientCpu = "client-cpu";

    private static readonly string[] Counts = ["errors", "mismatches", "unanswered", "late", "unsent"];

    /// <summary>The figures that are shown of these runs.</summary>
    public static IReadOnlyList<Figure> Of(IReadOnlyCollection<RunResult> runs)
    {
        string[] flow = ["rps", "mbit-sent", "mbit-received"], percentiles = ["p50", "p90", "p99", "p99.9", "max"];
        // Corrected latencies and others are not the same thing: where some runs have none, those of the service are compared.
        bool isMixed = runs.Any(r => r.CorrectedLatency is null) && runs.Any(r => r.CorrectedLatency is not null);
        string[] service = isMixed ? [.. percentiles.Select(p => $"service-{p}")]
            : runs.Any(r => r.CorrectedLatency is not null) ? ["service-p50", "service-p99"]
            : [];
        string[] rest = [ClientCpu, "late", "unsent", "status>=400", "errors", "mismatches", "unanswered"];
        string[] names = [.. flow, .. isMixed ? [] : percentiles, .. service, .. rest];
        return [.. names.Select(n => Find(n)!).Where(f => runs.Any(r => f.Of(r) is not null))];
    }

    /// <summary>True for a latency that is the corrected one where there is one, and that of the service elsewhere.</summary>
    public bool IsFeltLatency => Name == "max" || (Name.StartsWith('p') && FailCondition.Percent(Name) is not null);

    /// <summary>A figure by its name; null where there is none.</summary>
    public static Figure? Find(string name) => name switch
    {
        "rps" => new(name, FigureUnit.PerSecond, MoreIsBetter: true),
        "mbit-sent" or "mbit-received" => new(name, FigureUnit.Mbit, MoreIsBetter: true),
        ClientCpu => new(name, FigureUnit.Ns, MoreIsBetter: false),
        _ when Counts.Contains(name) || StatusRule.TryParse(name, out _) => new(name, FigureUnit.Count, MoreIsBetter: false),
        _ when IsLatency(name) => new(name, FigureUnit.Ns, MoreIsBetter: false),
        _ => null,
    };

    /// <summary>Its value in a run; null where the run has none.</summary>
    public double? Of(RunResult run) => Name != ClientCpu ? RunMetrics.Find(run, Name)?.Value
        : run is { RoundTrips: > 0, Bottleneck.Figures: { } used } ? used.ClientCores * run.Seconds / run.RoundTrips * 1e9
        : null;

    /// <summary>The latencies that it is a percentile of; null for another figure, and for the maximum.</summary>
    public (LatencyResult Latency, double Percent)? Percentile(RunResult run) =>
        FailCondition.Percent(Name) is not { } percent ? null
        : Name.StartsWith("service-", StringComparison.Ordinal) ? (run.ServiceLatency, percent)
        : (run.Latency(), percent);

    /// <summary>The unit as JSON names it.</summary>
    public string UnitName => Unit switch
    {
        FigureUnit.Ns => "ns",
        FigureUnit.PerSecond => "perSecond",
        FigureUnit.Mbit => "mbit",
        _ => "count",
    };

    /// <summary>A value with its unit.</summary>
    public string Format(double value) => Unit switch
    {
        FigureUnit.Ns => Quantity.Time(value),
        FigureUnit.Count => value.ToString("#,##0.#", CultureInfo.InvariantCulture),
        FigureUnit.Mbit => $"{Quantity.Rate(value)} Mbit/s",
        _ => $"{Quantity.Rate(value)}/s",
    };

    private static bool IsLatency(string name)
    {
        string bare = name.StartsWith("service-", StringComparison.Ordinal) ? name["service-".Length..]
            : name.StartsWith("corrected-", StringComparison.Ordinal) ? name["corrected-".Length..]
            : name;
        return bare == "max" || (!bare.Contains('-') && FailCondition.Percent(bare) is > 0 and <= 100);
    }
}
