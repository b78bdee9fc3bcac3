using System.Globalization;

namespace RawEcho.Diagnostics.Rows;

/// <summary>Values in words: at most three significant figures where that is enough, and the unit with it.</summary>
internal static class ValueText
{
    /// <summary>Shown for a value that a process does not report. Never zero.</summary>
    public const string Absent = "-";

    private const double Kilo = 1024;

    private static readonly string[] ByteUnits = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>A value of a row in words.</summary>
    public static string Of(Metric metric, double? value)
    {
        if (value is not { } v || double.IsNaN(v)) return Absent;
        return metric.Format switch
        {
            MetricFormat.Count => v.ToString("N0", CultureInfo.InvariantCulture),
            MetricFormat.Rate => $"{Number(v)} /s",
            MetricFormat.Percent => $"{v.ToString("0.0", CultureInfo.InvariantCulture)} %",
            MetricFormat.Bytes => ByteText(v),
            MetricFormat.ByteRate => $"{ByteText(v)}/s",
            MetricFormat.Duration => DurationText(v),
            MetricFormat.Amount => AmountText(v, metric.Unit),
            MetricFormat.Uptime =>
                TimeSpan.FromSeconds(Math.Floor(v)).ToString(v >= 86400 ? @"d\.hh\:mm\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture),
            _ => throw new ArgumentOutOfRangeException(nameof(metric)),
        };
    }

    /// <summary>How many times the first the second is.</summary>
    public static string Ratio(Metric metric, double? first, double? second) =>
        metric.HasRatio && first is { } a && second is { } b && a > 0 && b >= 0
            ? (b / a).ToString(b / a >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture)
            : Absent;

    private static string Number(double value) =>
        value.ToString(value is > -10 and < 10 && value != Math.Round(value) ? "0.0#" : "N0", CultureInfo.InvariantCulture);

    /// <summary>
    /// The unit of an <see cref="MetricFormat.Amount"/> behind a number: UCUM's annotations such as {order} only say what is counted.
    /// </summary>
    public static string Symbol(string unit)
    {
        bool isRate = unit.EndsWith("/s", StringComparison.Ordinal);
        string counted = isRate ? unit[..^2] : unit;
        if (counted == "1" || (counted.StartsWith('{') && counted.EndsWith('}'))) counted = string.Empty;
        return isRate ? $"{counted}/s" : counted;
    }

    // Significant digits: what is little in a foreign unit is not nothing.
    private static string AmountText(double value, string unit)
    {
        bool isRate = unit.EndsWith("/s", StringComparison.Ordinal);
        string digits = Math.Abs(value) >= (isRate ? 100 : 1000) ? "N0" : isRate ? "G3" : "G4";
        string number = value.ToString(digits, CultureInfo.InvariantCulture);
        return $"{number} {Symbol(unit)}".TrimEnd();
    }

    private static string ByteText(double value)
    {
        int unit = 0;
        while (Math.Abs(value) >= Kilo && unit < ByteUnits.Length - 1)
        {
            value /= Kilo;
            unit++;
        }

        return $"{value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {ByteUnits[unit]}";
    }

    private static string DurationText(double seconds) => seconds switch
    {
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.0} us"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
    };
}
