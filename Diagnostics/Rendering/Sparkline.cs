namespace RawEcho.Diagnostics.Rendering;

/// <summary>A little curve of the last values, scaled to their largest.</summary>
internal static class Sparkline
{
    private const string Steps = "▁▂▃▄▅▆▇█";

    /// <param name="values">The oldest first; null is absent, and leaves a gap.</param>
    /// <param name="width">Characters at most; several values share one when there are more.</param>
    public static string Of(IReadOnlyList<double?> values, int width)
    {
        if (width <= 0 || values.Count == 0) return string.Empty;
        int perCharacter = (values.Count + width - 1) / width;
        double?[] means = [.. values.Chunk(perCharacter).Select(c => c.Average())];
        double largest = means.Max() ?? 0;
        return string.Concat(means.Select(m => m is { } value ? Step(value) : ' '));

        char Step(double value) => Steps[largest <= 0 ? 0 : (int)Math.Clamp(value / largest * Steps.Length, 0, Steps.Length - 1)];
    }
}
