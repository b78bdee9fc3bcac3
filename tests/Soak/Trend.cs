namespace RawEcho.Soak;

/// <summary>Statistics that single outliers do not move.</summary>
internal static class Trend
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>
    /// Growth per hour: the median of the slopes between all pairs of points (Theil-Sen estimator); 0 for fewer than two moments.
    /// </summary>
    public static double Slope(IReadOnlyList<(double Hours, double Value)> points)
    {
        var slopes = new List<double>();
        for (int i = 0; i < points.Count; i++)
        {
            for (int j = i + 1; j < points.Count; j++)
            {
                double hours = points[j].Hours - points[i].Hours;
                if (hours > 0) slopes.Add((points[j].Value - points[i].Value) / hours);
            }
        }

        return slopes.Count == 0 ? 0 : Median(slopes);
    }
}
