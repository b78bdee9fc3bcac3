using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Report;

/// <summary>All that a run found.</summary>
internal sealed record BenchRun(
    BenchPlan Plan, Machine Machine, string Command, int Rounds, string SystemCalls, IReadOnlyList<SkippedPeer> Skipped)
{
    public List<WorkResult> Results { get; } = [];

    /// <summary>The targets that this run has figures for.</summary>
    public IReadOnlyList<Verdict> Verdicts => [.. Plan.Targets.Select(t => t.Evaluate(this)).OfType<Verdict>()];

    /// <summary>The median of a figure, or null when it was not measured in this run.</summary>
    public double? Median(string work, string subject, Work.Figure figure) =>
        Results.FirstOrDefault(r => r.Item.Name == work)?.Row(subject)?.Spread(figure)?.Median;
}
