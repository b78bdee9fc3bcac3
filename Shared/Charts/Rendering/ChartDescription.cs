namespace RawEcho.Charts.Rendering;

/// <summary>A chart in words, for those who do not see it.</summary>
internal static class ChartDescription
{
    public static string Of(Chart chart) => string.Join(' ',
    [
        Opening(chart),
        .. chart.Series.Select(s => Of(s, chart.YUnit)),
        .. chart.Markers.Select(m => $"{m.Label}: {m.Text}"),
    ]);

    private static string Opening(Chart chart) => chart.Note ?? $"{chart.Title}.";

    private static string Of(Series series, Unit unit)
    {
        double[] values = [.. series.Points.Where(p => p.HasValue).Select(p => p.Y!.Value)];
        return values.Length == 0
            ? $"{series.Name}: no values."
            : $"{series.Name}: from {unit.Format(values.Min())} to {unit.Format(values.Max())}, at the end {unit.Format(values[^1])}.";
    }
}
