using System.Globalization;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Adds up what histograms count in each interval, so that a rate leaves nothing out when a sample is taken late. As many series as the
/// session allows, at most.
/// </summary>
internal sealed class HistogramTotals
{
    private readonly Dictionary<MeterSeries, double> _totals = [];

    /// <summary>Takes the values of an interval.</summary>
    /// <param name="series">Which histogram, and which tags.</param>
    /// <param name="count">Values in the interval; null when it is not known.</param>
    /// <param name="quantiles">"0.5=12;0.95=30;0.99=31".</param>
    public HistogramReading Add(MeterSeries series, double? count, string quantiles)
    {
        double? total = count is { } more ? _totals[series] = _totals.GetValueOrDefault(series) + more : null;
        // Without values there is no percentile, and the runtime gives zero.
        return count == 0 ? new(total, null, null, null) : new(total, Quantile("0.5"), Quantile("0.95"), Quantile("0.99"));

        double? Quantile(string which) => quantiles.Split(';')
            .Select(q => q.Split('='))
            .Where(q => q.Length == 2 && q[0] == which)
            .Select(q => double.TryParse(q[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? (double?)value : null)
            .FirstOrDefault();
    }
}
