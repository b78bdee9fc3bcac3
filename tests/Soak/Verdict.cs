using System.Globalization;

namespace RawEcho.Soak;

/// <summary>Tells growth without end from a process that warms up and then stays as it is.</summary>
/// <param name="Line">One line for the user.</param>
/// <param name="Holds">True when it does not grow.</param>
internal sealed record Verdict(string Line, bool Holds)
{
    /// <summary>Growth of a part of the memory that a long run allows, MiB per hour.</summary>
    public const double MaxSlope = 2;

    /// <summary>From so long a run on, growth is measured per hour. Before, one collection that comes late weighs more than that.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan LeastWarmUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>What a garbage collector does between two looks is no growth, MiB.</summary>
    private const double MemoryTolerance = 4;

    private const double ThreadTolerance = 3;

    /// <summary>How much of a run is warm-up: the first third, and of a long one ten minutes at least.</summary>
    public static TimeSpan WarmUp(TimeSpan run) => run >= Long && run / 3 < LeastWarmUp ? LeastWarmUp : run / 3;

    /// <summary>Evaluates the samples of a whole run, one a minute or more: memory by its three parts, sockets and threads.</summary>
    /// <exception cref="ArgumentException">There are less than three samples.</exception>
    public static IReadOnlyList<Verdict> Evaluate(IReadOnlyList<Sample> samples)
    {
        if (samples.Count < 3) throw new ArgumentException("A trend takes three samples.", nameof(samples));
        return
        [
            EvaluateMemory("Native (malloc)", samples, s => s.NativeMiB),
            EvaluateMemory("GC heap", samples, s => s.HeapMiB),
            EvaluateMemory("GC committed", samples, s => s.CommittedMiB),
            EvaluateLevel("Sockets", "", samples, s => s.Sockets, 0),
            EvaluateLevel("Threads", "", samples, s => s.Threads, ThreadTolerance),
        ];
    }

    /// <summary>What a run of this length can tell of memory, as a sentence.</summary>
    public static string Meaning(TimeSpan run) => run >= Long
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"Warm-up is the first {WarmUp(run).TotalMinutes:0} min. After it, the least of each {Window.TotalMinutes:0} min "
                + $"may grow by less than {MaxSlope:0} MiB per hour in each part of the memory.")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"A run of less than {Long.TotalMinutes:0} min finds a leak of more than {MemoryTolerance:0} MiB between its middle "
                + $"and its last third, which are {(run / 3).TotalMinutes:0.#} min: "
                + $"{MemoryTolerance / (run / 3).TotalHours:0} MiB per hour. It cannot tell a smaller one from warm-up.");

    private static Verdict EvaluateMemory(string name, IReadOnlyList<Sample> samples, Func<Sample, double> measure)
    {
        if (samples[^1].At < Long) return EvaluateLevel(name, "MiB", samples, measure, MemoryTolerance);
        // The least of each five minutes: what lies above it is garbage, and pages that are given back twice a minute. A window that had
        // hardly begun at the end has no least of five minutes.
        TimeSpan end = samples[^1].At;
        IEnumerable<Sample?> floor = samples.Where(s => s.At >= WarmUp(end))
            .GroupBy(s => (int)(s.At / Window))
            .Where(g => (g.Key * Window) + (Window / 2) <= end)
            .Select(g => g.MinBy(measure));
        double slope = Trend.Slope([.. floor.OfType<Sample>().Select(s => (s.At.TotalHours, measure(s)))]);
        bool flat = slope < MaxSlope;
        return new Verdict(string.Create(
            CultureInfo.InvariantCulture,
            $"{Levels(name, "MiB", samples, measure)}  slope {slope,6:+0.00;-0.00;0.00} MiB/h  {(flat ? "flat" : "GROWS")}"), flat);
    }

    // The last third against the one before; the first is warm-up.
    private static Verdict EvaluateLevel(
        string name, string unit, IReadOnlyList<Sample> samples, Func<Sample, double> measure, double tolerance)
    {
        (double before, double after) = (Third(samples, 1, measure), Third(samples, 2, measure));
        bool level = after - before <= tolerance;
        return new Verdict($"{Levels(name, unit, samples, measure)}  {(level ? "level" : "GROWS")}", level);
    }

    private static string Levels(string name, string unit, IReadOnlyList<Sample> samples, Func<Sample, double> measure) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-15}  first {measure(samples[0]),6:0.0}  thirds {Third(samples, 0, measure),6:0.0} "
            + $"{Third(samples, 1, measure),6:0.0} {Third(samples, 2, measure),6:0.0} {unit,-3}");

    private static double Third(IReadOnlyList<Sample> samples, int number, Func<Sample, double> measure)
    {
        int third = samples.Count / 3;
        return Trend.Median(samples.Skip(number == 2 ? samples.Count - third : number * third).Take(third).Select(measure));
    }
}
