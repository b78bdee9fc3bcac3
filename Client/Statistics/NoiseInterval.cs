namespace RawEcho.Client.Statistics;

/// <summary>
/// Where a figure of one run may lie for the noise inside that run alone, with a confidence of 99 %. It says nothing of the noise between
/// runs, which no single run can show.
/// </summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct NoiseInterval(double Low, double High)
{
    private const int Batches = 5;

    // Student's t of 4 degrees of freedom, and the normal distribution, at 99.5 %.
    private const double StudentT = 4.604, Normal = 2.576;

    // Below this the normal distribution is none of a binomial one.
    private const double LeastVariance = 10;

    public bool Overlaps(NoiseInterval other) => Low <= other.High && other.Low <= High;

    /// <summary>
    /// Of a mean of steps that follow one another, by batch means: neighbours are alike, so five long batches are taken for independent,
    /// and the steps themselves are not. The first steps are left out where their number does not divide.
    /// </summary>
    /// <param name="steps">Values of steps of equal length, in their order.</param>
    /// <returns>Null for fewer than two steps in each batch.</returns>
    public static NoiseInterval? OfMean(IReadOnlyList<double> steps)
    {
        int length = steps.Count / Batches;
        if (length < 2) return null;
        double[] means =
        [
            .. steps.Skip(steps.Count - (length * Batches)).Chunk(length).Select(batch => batch.Average()),
        ];
        double mean = means.Average();
        double deviation = Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (Batches - 1));
        double reach = StudentT * deviation / Math.Sqrt(Batches);
        return new NoiseInterval(mean - reach, mean + reach);
    }

    /// <summary>
    /// Of a percentile, by the ranks around it (order statistics): it assumes no distribution, and takes the values for independent. As
    /// those of one moment are alike, the interval is rather too narrow.
    /// </summary>
    /// <param name="histogram">Pairs of the highest value of a bucket and its count, lowest first.</param>
    /// <param name="percent">Which percentile.</param>
    /// <returns>Null where there are too few values beyond it.</returns>
    public static NoiseInterval? OfPercentile(IReadOnlyList<long[]> histogram, double percent)
    {
        long count = histogram.Sum(b => b[1]);
        double share = percent / 100, variance = count * share * (1 - share);
        if (variance < LeastVariance) return null;
        double rank = count * share, reach = Normal * Math.Sqrt(variance);
        long low = (long)Math.Floor(rank - reach), high = (long)Math.Ceiling(rank + reach) + 1;
        return new NoiseInterval(AtRank(histogram, low), AtRank(histogram, high));
    }

    private static long AtRank(IReadOnlyList<long[]> histogram, long rank)
    {
        long seen = 0;
        foreach (long[] bucket in histogram)
        {
            seen += bucket[1];
            if (seen >= rank) return bucket[0];
        }

        return histogram[^1][0];
    }
}
