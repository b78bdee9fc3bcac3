namespace RawEcho.Charts.Rendering;

/// <summary>
/// Draws no more than can be seen. Of all points in a column of the plot the first, the lowest, the highest and the last are enough for the
/// very same picture: no peak is lost, as it would be with averages. The page's data keeps every point.
/// </summary>
internal static class Thinning
{
    private const int Columns = SeriesPath.Width;

    /// <param name="points">By ascending x.</param>
    public static List<Position> Apply(List<Position> points)
    {
        if (points.Count <= 2 * Columns) return points;
        var kept = new List<Position>(4 * Columns);
        for (int i = 0; i < points.Count;)
        {
            int column = (int)points[i].X, first = i, low = i, high = i;
            for (; i < points.Count && (int)points[i].X == column; i++)
            {
                if (points[i].Y < points[low].Y) low = i;
                if (points[i].Y > points[high].Y) high = i;
            }

            kept.AddRange(new SortedSet<int> { first, low, high, i - 1 }.Select(k => points[k]));
        }

        return kept;
    }
}
