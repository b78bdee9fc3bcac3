using System.Globalization;
using System.Text;
using RawEcho.Client.Statistics;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>A comparison in words: a table for each file, against the first one.</summary>
internal static class ComparisonText
{
    private const int FigureWidth = 15, ValueWidth = 18, ChangeWidth = 9;

    public static string Of(ComparisonResult result)
    {
        var text = new StringBuilder();
        foreach (ComparedResult file in result.Files)
        {
            string started = file.Results[0].StartedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            text.AppendLine(CultureInfo.InvariantCulture, $"{file.Label}: {file.File}, {Quantity.Count(file.Runs, "run")}, {started}");
        }

        if (result.Differences.Count == 0) text.AppendLine("Settings: the same");
        foreach (SettingDifference difference in result.Differences)
            text.AppendLine(CultureInfo.InvariantCulture, $"Settings differ: {difference.Setting} {string.Join(" | ", difference.Values)}");
        for (int i = 0; i < result.Changes.Count; i++) AppendTable(text, result, result.Changes[i], result.Files[i + 1]);
        if (result.Files.Any(f => f.Runs > 1)) text.AppendLine("Values are medians; ± is the largest distance of a run from it.");
        foreach (string line in Notes(result)) text.AppendLine(line);
        return text.ToString();
    }

    /// <summary>What the verdicts rest on, a sentence or two each.</summary>
    public static IEnumerable<string> Notes(ComparisonResult result)
    {
        string alpha = Quantity.Number(result.Alpha);
        if (result.Changes.Any(c => c.Test == FileChange.Rank))
        {
            yield return $"Mann-Whitney U test, exact, two-sided: a change is more than noise where p < {alpha}. "
                + "It takes the runs for independent of each other.";
        }

        if (result.Changes.Any(c => c.Test == FileChange.Single && c.Figures.Any(f => f.Verdict == FigureChange.Undecided)))
        {
            yield return "Cannot be told from one run each; use --repeat 5: one run does not show the noise between runs. "
                + "\"noise\" stands where the change is within the noise inside the two runs (99 %).";
        }

        if (result.Changes.Any(c => c.Test == FileChange.TooFew))
            yield return $"Too few runs for a p value below {alpha} (4 on both sides for 0.05): cannot be told; use --repeat 5.";
    }

    private static void AppendTable(StringBuilder text, ComparisonResult result, FileChange change, ComparedResult file)
    {
        text.AppendLine();
        text.AppendLine(Row(string.Empty, Fit(result.Files[0].Label), Fit(file.Label), "change", string.Empty));
        foreach (FigureChange figure in change.Figures)
        {
            string percent = figure.ChangePercent is { } known ? ChangeText.Percent(known)
                : figure is { Figure.Unit: FigureUnit.Count, Old: { } old, New: { } now } ? ChangeText.Difference(now.Median - old.Median)
                : "-";
            text.AppendLine(Row(figure.Name, Value(figure.Figure, figure.Old), Value(figure.Figure, figure.New), percent, Verdict(figure)));
        }

        text.AppendLine();
    }

    /// <summary>A median, and how far the runs lie from it.</summary>
    public static string Value(Figure figure, FigureSample? sample)
    {
        if (sample is null) return "-";
        string median = figure.Format(sample.Median);
        if (sample.Values.Count == 1 || sample.Median == 0) return median;
        double reach = 100 * Math.Max(sample.Max - sample.Median, sample.Median - sample.Min) / sample.Median;
        return string.Create(CultureInfo.InvariantCulture, $"{median} ±{reach:0} %");
    }

    /// <summary>What a change came to, in two or three words.</summary>
    public static string Verdict(FigureChange figure) => figure switch
    {
        { Verdict: FigureChange.Absent } => "not in both",
        { Verdict: FigureChange.Undecided } => "cannot be told",
        { Old: { } old, New: { } now } when old.Min == old.Max && now.Min == now.Max && old.Min == now.Min => "the same",
        { PValue: { } p } => $"{figure.Verdict}, {ChangeText.PValue(p)}",
        _ => figure.Verdict,
    };

    private static string Row(string name, string old, string now, string change, string verdict) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-FigureWidth} {old,ValueWidth} {now,ValueWidth} {change,ChangeWidth}  {verdict}").TrimEnd();

    private static string Fit(string label) => label.Length <= ValueWidth ? label : $"…{label[^(ValueWidth - 1)..]}";
}
