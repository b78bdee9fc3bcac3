using System.Globalization;
using System.Text;
using RawEcho.Charts.Axes;

namespace RawEcho.Charts.Rendering;

/// <summary>A series as the data of an SVG path. Where a value is absent the line is broken; a value on its own becomes a dot.</summary>
internal sealed class SeriesPath
{
    /// <summary>The plot's width in units of its view box.</summary>
    public const int Width = 1000;

    private readonly List<List<Position>> _runs;
    private readonly double _foot;

    /// <param name="axes">Where values lie.</param>
    /// <param name="height">The plot's height in units of its view box.</param>
    /// <param name="points">By ascending x.</param>
    /// <param name="aside">How far to the right of its place the series is drawn.</param>
    public SeriesPath(ChartAxes axes, double height, IReadOnlyList<DataPoint> points, double aside = 0)
    {
        _foot = height * (1 - axes.Foot);
        _runs = [.. Runs(points).Select(run => Thinning.Apply([.. run.Select(Place)]))];

        Position Place(DataPoint p) => new((Width * axes.X.Position(p.X)) + aside, height * (1 - axes.Y.Position(p.Y!.Value)));
    }

    public string Line() => Draw((text, run) =>
    {
        MoveTo(text, run[0]);
        foreach (Position p in run.Skip(1)) LineTo(text, p);
        // A line of no length with a round cap is a dot that keeps its shape however the plot is stretched.
        if (run.Count == 1) text.Append("h0");
    });

    public string Area() => Draw((text, run) =>
    {
        MoveTo(text, run[0] with { Y = _foot });
        foreach (Position p in run) LineTo(text, p);
        LineTo(text, run[^1] with { Y = _foot });
        text.Append('Z');
    });

    public string Steps() => Draw((text, run) =>
    {
        MoveTo(text, run[0]);
        foreach (Position p in run.Skip(1)) text.Append('H').Append(Number(p.X)).Append('V').Append(Number(p.Y));
        if (run.Count == 1) text.Append("h0");
    });

    public string Stems() => Draw((text, run) =>
    {
        foreach (Position p in run.Where(p => p.Y < _foot))
        {
            MoveTo(text, p with { Y = _foot });
            text.Append('V').Append(Number(p.Y));
        }
    });

    /// <summary>A coordinate with no more digits than can be seen.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static IEnumerable<List<DataPoint>> Runs(IReadOnlyList<DataPoint> points)
    {
        List<DataPoint> run = [];
        foreach (DataPoint point in points)
        {
            if (point.HasValue && double.IsFinite(point.X))
            {
                run.Add(point);
            }
            else if (run.Count > 0)
            {
                yield return run;
                run = [];
            }
        }

        if (run.Count > 0) yield return run;
    }

    private static void MoveTo(StringBuilder text, Position p) => text.Append('M').Append(Number(p.X)).Append(' ').Append(Number(p.Y));

    private static void LineTo(StringBuilder text, Position p) => text.Append('L').Append(Number(p.X)).Append(' ').Append(Number(p.Y));

    private string Draw(Action<StringBuilder, List<Position>> draw)
    {
        var text = new StringBuilder();
        foreach (List<Position> run in _runs) draw(text, run);
        return text.ToString();
    }
}

/// <summary>A place in the plot: units of the view box, from the upper left corner.</summary>
internal readonly record struct Position(double X, double Y);
