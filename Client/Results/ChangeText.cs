using System.Globalization;

namespace RawEcho.Client.Results;

/// <summary>Changes in words.</summary>
internal static class ChangeText
{
    /// <summary>A change with its sign, such as +3.2 %; 0 % for none at all.</summary>
    public static string Percent(double percent)
    {
        string digits = Math.Abs(percent) switch { 0 => "0", < 1 => "+0.00;-0.00", < 100 => "+0.0;-0.0", _ => "+#,##0;-#,##0" };
        return percent.ToString(digits, CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>A difference of counts with its sign.</summary>
    public static string Difference(double difference) => difference.ToString("+#,##0.#;-#,##0.#;0", CultureInfo.InvariantCulture);

    /// <summary>A p value, with three digits.</summary>
    public static string PValue(double p) =>
        p < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p {p:0.000}");
}
