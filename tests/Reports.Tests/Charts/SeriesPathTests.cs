using RawEcho.Charts;
using RawEcho.Charts.Axes;
using RawEcho.Charts.Rendering;

namespace RawEcho.Reports.Tests.Charts;

public class SeriesPathTests
{
    private const int Height = 100;

    [Fact]
    public void A_line_is_broken_where_a_value_is_absent_and_a_value_alone_is_a_dot()
    {
        DataPoint[] points = [new(0, 0), new(2, 10), new(4, null), new(6, 5), new(8, double.NaN), new(10, 10)];
        Assert.Equal("M0 100L200 0M600 50h0M1000 0h0", PathOf(points).Line());
        Assert.Equal("M0 100L0 100L200 0L200 100ZM600 100L600 50L600 100ZM1000 100L1000 0L1000 100Z", PathOf(points).Area());
    }

    [Fact]
    public void Steps_hold_a_value_until_the_next() =>
        Assert.Equal("M0 100H500V0H1000V50", PathOf([new(0, 0), new(5, 10), new(10, 5)]).Steps());

    [Fact]
    public void Stems_stand_on_zero_and_zero_has_none() => Assert.Equal("M500 100V0", PathOf([new(0, 0), new(5, 10), new(10, 0)]).Stems());

    [Fact]
    public void A_hundred_thousand_points_are_drawn_without_losing_a_peak()
    {
        var random = new Random(3);
        DataPoint[] points = [.. Enumerable.Range(0, 100_001).Select(i => new DataPoint(i, 1 + random.NextDouble()))];
        points[54_321] = new DataPoint(54_321, 10);
        points[77_777] = new DataPoint(77_777, 0);

        string path = PathOf(points).Line();

        Assert.InRange(path.Count(c => c is 'L'), 1000, 4100);
        Assert.Contains("L543.21 0L", path, StringComparison.Ordinal);
        Assert.Contains("L777.77 100L", path, StringComparison.Ordinal);
    }

    private static SeriesPath PathOf(DataPoint[] points)
    {
        var chart = new Chart { Title = "t", YName = "y", YUnit = Unit.Count, Series = [new Series("s", points)] };
        return new SeriesPath(new ChartAxes(chart), Height, points);
    }
}
