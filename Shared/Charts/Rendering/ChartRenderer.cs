using RawEcho.Charts.Axes;

namespace RawEcho.Charts.Rendering;

/// <summary>
/// Draws a chart as SVG that is as wide as its place while its text keeps its size: what is drawn by value lies in an inner svg that is
/// stretched to 1000 units by the plot's height in pixels, and what is written lies at percentages of the outer one.
/// </summary>
internal sealed class ChartRenderer(MarkupWriter html, Chart chart, string id)
{
    private const int Height = 200;
    private const double StemDistance = 5;
    private readonly ChartAxes _axes = new(chart);

    public void Write()
    {
        html.Open("figure", ("class", "chart"), ("id", id));
        html.Open("figcaption");
        html.Element("h3", chart.Title);
        if (chart.Note is { } note) html.Element("p", note);
        html.Close();
        WriteLegend();
        html.Element("p", _axes.YTitle(chart.YName), ("class", "y-title"));
        html.Open("div", ("class", "plot"));
        WriteSvg();
        html.Close();
        html.Element("p", XTitle(), ("class", "x-title"));
        html.Close();
    }

    private string XTitle() => chart.X == XAxisKind.Percentile
        ? "percentile: the share of round trips that took no longer"
        : $"time since the start in {_axes.X.UnitSymbol}";

    private void WriteLegend()
    {
        if (chart.Series.Count < 2) return;
        html.Open("ul", ("class", "legend"));
        for (int i = 0; i < chart.Series.Count; i++)
        {
            html.Open("li").Open("svg", ("aria-hidden", "true"), ("width", "22"), ("height", "10"));
            html.Element("path", string.Empty, ("class", $"line {ColorOf(i)}"), ("d", "M1 5H21"));
            html.Close();
            html.Element("span", chart.Series[i].Name);
            html.Close();
        }

        html.Close();
    }

    private void WriteSvg()
    {
        html.Open(
            "svg", ("role", "img"), ("aria-labelledby", $"{id}-title"), ("aria-describedby", $"{id}-desc"),
            ("width", "100%"), ("height", $"{Height + 24}"));
        html.Element("title", chart.Title, ("id", $"{id}-title"));
        html.Element("desc", ChartDescription.Of(chart), ("id", $"{id}-desc"));
        WriteGrid();
        html.Open(
            "svg", ("class", "values"), ("x", "0"), ("y", "0"), ("width", "100%"), ("height", $"{Height}"),
            ("viewBox", $"0 0 {SeriesPath.Width} {Height}"), ("preserveAspectRatio", "none"));
        for (int i = 0; i < chart.Series.Count; i++) WriteSeries(i);
        html.Close();
        WriteMarkers();
        if (_axes.IsEmpty) html.Element("text", "no values", ("class", "empty"), ("x", "50%"), ("y", $"{Height / 2}"));
        html.Close();
    }

    private void WriteGrid()
    {
        html.Open("g", ("class", "y-axis"));
        foreach (Tick tick in _axes.Y.Ticks)
        {
            string y = SeriesPath.Number(Height * (1 - tick.Position));
            html.Element("line", string.Empty, ("x1", "0"), ("x2", "100%"), ("y1", y), ("y2", y));
            html.Element("text", tick.Label, ("x", "-8"), ("y", y), ("dy", "0.35em"));
        }

        string foot = SeriesPath.Number(Height * (1 - _axes.Foot));
        html.Element("line", string.Empty, ("class", "foot"), ("x1", "0"), ("x2", "100%"), ("y1", foot), ("y2", foot));
        html.Close();
        html.Open("g", ("class", "x-axis"));
        foreach (Tick tick in _axes.X.Ticks)
        {
            string x = $"{SeriesPath.Number(100 * tick.Position)}%";
            html.Element("line", string.Empty, ("x1", x), ("x2", x), ("y1", $"{Height}"), ("y2", $"{Height + 5}"));
            html.Element("text", tick.Label, ("x", x), ("y", $"{Height + 19}"));
        }

        html.Close();
    }

    private void WriteSeries(int index)
    {
        Series series = chart.Series[index];
        // Stems of one moment stand side by side, so that none hides another.
        double aside = chart.Kind == ChartKind.Stem ? (index - ((chart.Series.Count - 1) / 2.0)) * StemDistance : 0;
        var path = new SeriesPath(_axes, Height, series.Points, aside);
        html.Open("g", ("class", $"series {ColorOf(index)}"), ("data-name", series.Name));
        if (chart.Kind == ChartKind.Area && !series.IsDashed) html.Element("path", string.Empty, ("class", "area"), ("d", path.Area()));
        html.Element("path", string.Empty, ("class", chart.Kind == ChartKind.Stem ? "line stem" : "line"), ("d", chart.Kind switch
        {
            ChartKind.Step => path.Steps(),
            ChartKind.Stem => path.Stems(),
            _ => path.Line(),
        }));
        html.Close();
    }

    private void WriteMarkers()
    {
        foreach (Marker marker in chart.Markers)
        {
            string x = $"{SeriesPath.Number(100 * _axes.X.Position(marker.X))}%";
            html.Open("g", ("class", "marker"));
            html.Element("line", string.Empty, ("x1", x), ("x2", x), ("y1", "0"), ("y2", $"{Height}"));
            html.Element("text", marker.Label, ("x", x), ("y", "-3"));
            html.Close();
        }
    }

    private string ColorOf(int index)
    {
        Series series = chart.Series[index];
        return Palette.ClassOf(series.Color < 0 ? index : series.Color) + (series.IsDashed ? " dashed" : string.Empty);
    }
}
