namespace RawEcho.Client.Statistics;

/// <summary>
/// The rank test of Mann and Whitney (Wilcoxon's rank sum): do two samples come from one distribution? It assumes nothing of the
/// distribution, and that the values are independent. The p value is exact, ties included: every way to divide the values is counted.
/// </summary>
internal static class MannWhitney
{
    /// <summary>The largest sample: counting every way takes time with the third power of the size.</summary>
    public const int Most = 50;

    /// <summary>How probable a difference of ranks as large as this one is, in either direction, if nothing differs: 0 to 1.</summary>
    /// <param name="first">From 1 to <see cref="Most"/> values.</param>
    /// <param name="second">As many.</param>
    public static double PValue(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        int[] ranks = DoubledRanks([.. first, .. second]);
        int observed = ranks.Take(first.Count).Sum();
        double[] ways = Ways(ranks, first.Count);
        int expected = first.Count * (ranks.Length + 1);
        double extreme = ways.Where((_, sum) => Math.Abs(sum - expected) >= Math.Abs(observed - expected)).Sum();
        return Math.Min(1, extreme / ways.Sum());
    }

    /// <summary>The smallest p value that samples of these sizes can have: that of two samples that do not overlap.</summary>
    public static double LeastPValue(int first, int second)
    {
        double ways = 1;
        for (int i = 1; i <= second; i++) ways *= (double)(first + i) / i;
        return Math.Min(1, 2 / ways);
    }

    // Twice the rank, so that the mean rank of tied values is whole.
    private static int[] DoubledRanks(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return [.. values.Select(v => Array.IndexOf(sorted, v) + Array.LastIndexOf(sorted, v) + 2)];
    }

    // In how many ways so many of the ranks can be chosen, by their sum.
    private static double[] Ways(int[] ranks, int chosen)
    {
        int most = ranks.OrderDescending().Take(chosen).Sum();
        double[][] ways = [.. Enumerable.Range(0, chosen + 1).Select(_ => new double[most + 1])];
        ways[0][0] = 1;
        foreach (int rank in ranks)
        {
            for (int count = chosen; count > 0; count--)
            {
                for (int sum = most; sum >= rank; sum--) ways[count][sum] += ways[count - 1][sum - rank];
            }
        }

        return ways[chosen];
    }
}
