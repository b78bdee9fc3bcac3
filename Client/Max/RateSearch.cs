namespace RawEcho.Client.Max;

/// <summary>
/// Which rate to try next: doubles from the first one until a rate does not hold, then halves what lies between, then tries the best one
/// again to see whether it holds every time. One that does not is taken for too high, and the search goes on below it.
/// </summary>
/// <param name="from">The first rate.</param>
/// <param name="to">The highest rate to try.</param>
/// <param name="precision">How near the two ends have to come, as a part of the higher one.</param>
/// <param name="confirm">How often the best rate has to hold, the first time included.</param>
internal sealed class RateSearch(double from, double to, double precision, int confirm)
{
    // Below this there is nothing to be found that is worth the time.
    private readonly double _lowest = Math.Min(1, from);
    private readonly SortedSet<double> _allHeld = [];
    private double? _failed;

    /// <summary>The highest rate that held each time it was tried; null when none did.</summary>
    public double? Held => _allHeld.Count > 0 ? _allHeld.Max : null;

    /// <summary>The lowest rate that did not hold; null when all did.</summary>
    public double? Failed => _failed;

    /// <summary>How often <see cref="Held"/> was tried.</summary>
    public int Runs { get; private set; }

    /// <summary>The rate to try; null when the search is over.</summary>
    public double? Next()
    {
        if (_failed is not { } failed)
        {
            if (Held is not { } best) return from;
            return best >= to ? Confirmed(best) : Math.Min(to, best * 2);
        }

        if (Held is not { } held) return failed > _lowest ? Math.Max(_lowest, failed / 2) : null;
        double middle = Rounded((held + failed) / 2);
        // A middle that is one of the ends has been tried: there is nothing between the two.
        return (failed - held) / failed > precision && middle > held && middle < failed ? middle : Confirmed(held);
    }

    /// <summary>Takes what came of trying a rate.</summary>
    public void Tell(double rate, bool holds)
    {
        if (holds)
        {
            Runs = _allHeld.Add(rate) ? 1 : Runs + 1;
            return;
        }

        _failed = rate;
        // It held before, and did not this time: it is no rate to rely on. The one below it held once.
        if (_allHeld.Remove(rate)) Runs = 1;
    }

    // Four digits are enough to read, and whole numbers would be too few below a thousand.
    private static double Rounded(double rate)
    {
        const int digits = 3;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - digits);
        return unit >= 1 ? Math.Round(rate) : Math.Round(Math.Round(rate / unit) * unit, 6);
    }

    private double? Confirmed(double rate) => Runs < confirm ? rate : null;
}
