using System.Globalization;

namespace RawEcho.Client.Results;

/// <summary>Latencies as people write them: 870ns, 500us, 4.5ms, 1s, 2m. The unit is a must: nobody means seconds by "p99>5" for sure.</summary>
internal static class LatencyText
{
    private static readonly (string Unit, double Nanoseconds)[] Units = [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9)];

    /// <summary>Parses one.</summary>
    /// <param name="text">Number and unit.</param>
    /// <param name="nanoseconds">The value; above 0.</param>
    public static bool TryParse(string text, out double nanoseconds)
    {
        foreach ((string unit, double factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) continue;
            nanoseconds = number * factor;
            return nanoseconds is > 0 and < 1e15;
        }

        nanoseconds = 0;
        return false;
    }
}
