using System.Globalization;

namespace RawEcho.Soak;

/// <summary>Tells growth without end from a process that warms up and then stays as it is.</summary>
internal static class Plateau
{
    /// <summary>Growth per hour by least squares.</summary>
    public static double Slope(IReadOnlyList<(double Hours, double Value)> points)
    {
        double meanX = points.Average(p => p.Hours), meanY = points.Average(p => p.Value);
        double spread = points.Sum(p => (p.Hours - meanX) * (p.Hours - meanX));
        return spread == 0 ? 0 : points.Sum(p => (p.Hours - meanX) * (p.Value - meanY)) / spread;
    }

    /// <summary>Judges one measure over its samples: the last third against the one before. The first third is warm-up.</summary>
    /// <returns>One line for the user, and whether it holds.</returns>
    public static (string Line, bool Holds) Judge(string name, string unit, IReadOnlyList<Sample> samples, Func<Sample, double> measure, double tolerance)
    {
        int third = samples.Count / 3;
        Sample[] warm = [.. samples.Skip(third)];
        double before = Median(warm.Take(third).Select(measure));
        double after = Median(warm.TakeLast(third).Select(measure));
        double slope = Slope([.. warm.Select(s => (s.At.TotalHours, measure(s)))]);
        bool holds = after - before <= tolerance;
        string verdict = holds ? "plateau" : "GROWS";
        return (string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-12} first {measure(samples[0]),8:0.0}  middle third {before,8:0.0}  last third {after,8:0.0} {unit,-4}  slope {slope,8:+0.0;-0.0;0.0} {unit}/h  {verdict}"), holds);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
