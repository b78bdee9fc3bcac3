using System.Globalization;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What a target came to in a run.</summary>
internal sealed record Verdict(string What, string Limit, string Reached, bool IsMet)
{
    public string Word => IsMet ? "met" : "not met";
}

/// <summary>A bound on a figure of one row, or of the better one of several, or on its ratio to that of another row.</summary>
/// <param name="What">In words.</param>
/// <param name="Work">The work item.</param>
/// <param name="Rows">The rows of which the better one counts.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Limit">The bound.</param>
/// <param name="Against">The row whose figure divides; null for an absolute bound.</param>
/// <param name="AgainstWork">The work item of that row, when it is another one.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record Target(
    string What, string Work, string[] Rows, Figure Figure, double Limit, string? Against = null, string? AgainstWork = null,
    bool AtLeast = false)
{
    /// <summary>Null when the run has no figure for it.</summary>
    public Verdict? Evaluate(BenchRun run)
    {
        IEnumerable<double> values = Rows.Select(r => run.Median(Work, r, Figure)).OfType<double>();
        double? value = values.Any() ? AtLeast ? values.Max() : values.Min() : null;
        if (Against is not null) value /= run.Median(AgainstWork ?? Work, Against, Figure);
        if (value is not { } reached) return null;
        string against = Against is null ? "" : $" x {AgainstWork ?? Against}";
        string sign = AtLeast ? ">=" : "<=";
        return new Verdict(
            What,
            string.Create(CultureInfo.InvariantCulture, $"{sign} {Limit}{against}"),
            reached.ToString("0.00", CultureInfo.InvariantCulture),
            AtLeast ? reached >= Limit : reached <= Limit);
    }
}
