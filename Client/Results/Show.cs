using System.Globalization;

namespace RawEcho.Client.Results;

/// <summary>Values as people read them, with their units.</summary>
internal static class Show
{
    /// <summary>A time: 870 ns, 53.2 us, 4.39 ms, 1.25 s.</summary>
    public static string Time(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds} ns"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.0} us"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.00} s"),
    };

    /// <summary>Percentiles and the maximum in one line.</summary>
    public static string Latency(LatencyResult latency) => string.Join(", ",
        latency.Percentiles.Select(p => string.Create(CultureInfo.InvariantCulture, $"p{p.Percent:0.##} {Time(p.Ns)}")).Append($"max {Time(latency.MaxNs)}"));

    /// <summary>A count with its noun: 1 client, 16 clients.</summary>
    public static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? string.Empty : "s")}");

    /// <summary>A number with as many decimals as it deserves: 5000, 0.5.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
