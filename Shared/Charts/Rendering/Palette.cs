using System.Text;

namespace RawEcho.Charts.Rendering;

/// <summary>
/// The colours of the series: distinguishable with each of the common kinds of colour blindness, and at a contrast of 3:1 or more
/// against the page (WCAG 2.2, 1.4.11). The tests compute both.
/// </summary>
internal static class Palette
{
    /// <summary>On a light page, and in print.</summary>
    public static readonly string[] Light = ["#0072b2", "#d55e00", "#029971", "#b04c8b", "#795300", "#5d5a58"];

    /// <summary>On a dark page.</summary>
    public static readonly string[] Dark = ["#56b4e9", "#ff8a4c", "#2ed597", "#e08ec0", "#e6c226", "#b9cac5"];

    public const string LightPage = "#ffffff";

    public const string DarkPage = "#16191d";

    /// <summary>The palette as CSS variables, and the classes that use them.</summary>
    public static string Css
    {
        get
        {
            var css = new StringBuilder();
            css.Append($":root{{--page:{LightPage};{Variables(Light)}}}\n");
            css.Append($"@media screen and (prefers-color-scheme:dark){{:root{{--page:{DarkPage};{Variables(Dark)}}}}}\n");
            for (int i = 0; i < Light.Length; i++) css.Append($".s{i}{{color:var(--s{i})}}\n");
            return css.ToString();
        }
    }

    /// <summary>The class of a series: its colour, and dashes when all colours are taken.</summary>
    public static string ClassOf(int series)
    {
        string color = FormattableString.Invariant($"s{series % Light.Length}");
        return (series / Light.Length) switch
        {
            0 => color,
            1 => $"{color} dashed",
            _ => $"{color} dotted",
        };
    }

    private static string Variables(string[] colors) => string.Concat(colors.Select((c, i) => FormattableString.Invariant($"--s{i}:{c};")));
}
