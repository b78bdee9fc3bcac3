using System.Globalization;
using System.Text;
using RawEcho.Charts;
using RawEcho.Commands;

namespace RawEcho.Client.Units;

/// <summary>Numbers with their units, as all output for people has them and as the command line takes them.</summary>
internal static class Quantity
{
    private const string Unknown = "unknown";

    // Whatever cannot show UTF-8, or reads JSON out of it, is not to meet half a micro sign.
    private static readonly bool HasMicroSign = Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage;

    /// <summary>A time: 870 ns, 53.2 µs, 4.39 ms, 1.25 s. The same digits as on the pages with charts. Null is not known.</summary>
    public static string Time(double? nanoseconds)
    {
        if (nanoseconds is not { } known) return Unknown;
        string text = Unit.Seconds.Format(known / 1e9);
        return HasMicroSign ? text : text.Replace('\u00b5', 'u');
    }

    /// <inheritdoc cref="Time(double?)"/>
    public static string Time(TimeSpan time) => Time(time.TotalNanoseconds);

    /// <summary>
    /// Reads a time (<see cref="TimeText"/>): 870ns, 500us, 4.5ms, 1m30s. The unit is a must: nobody means seconds by "p99>5" for sure.
    /// </summary>
    /// <param name="text">Numbers and units.</param>
    /// <param name="nanoseconds">The value; above 0.</param>
    public static bool TryParseTime(string text, out double nanoseconds)
    {
        bool isTime = TimeText.TryParse(text, out decimal time) && time is > 0 and < 1e15m;
        nanoseconds = isTime ? (double)time : 0;
        return isTime;
    }

    /// <summary>A count with its noun: 1 client, 16 clients.</summary>
    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? string.Empty : "s")}");

    /// <summary>
    /// Things per second, with three significant digits below a hundred: 0.333, 4.75, 12.5, 1,234. Unknown where nothing was measured.
    /// </summary>
    public static string Rate(double? perSecond)
    {
        if (perSecond is not { } rate) return Unknown;
        string digits = rate switch { < 1 => "0.###", < 10 => "0.##", < 100 => "0.#", _ => "#,##0" };
        return rate.ToString(digits, CultureInfo.InvariantCulture);
    }

    /// <summary>A number with as many decimals as it deserves: 5000, 0.5.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
