namespace RawEcho.Client.Statistics;

/// <summary>A figure of several runs.</summary>
/// <param name="Values">One for each run, in the order of the runs; at least one.</param>
internal sealed record FigureSample(IReadOnlyList<double> Values)
{
    /// <summary>The value in the middle, or the mean of the two in the middle.</summary>
    public double Median { get; } = MedianOf([.. Values.Order()]);

    public double Min => Values.Min();

    public double Max => Values.Max();

    /// <summary>A sample of what is known; null where a run does not know its value, or where there is no run.</summary>
    public static FigureSample? Of(IReadOnlyList<double?> values) =>
        values.Count > 0 && values.All(v => v is not null) ? new FigureSample([.. values.Select(v => v!.Value)]) : null;

    private static double MedianOf(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
