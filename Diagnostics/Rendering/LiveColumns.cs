namespace RawEcho.Diagnostics.Rendering;

/// <summary>
/// The widths of a live table's columns on a terminal of some width. Numbers are never cut: fewer processes are shown instead.
/// </summary>
/// <param name="Title">Of the titles.</param>
/// <param name="Value">Of a value, without the gap before it.</param>
/// <param name="Curve">Of the curve beside a value; 0 for none.</param>
/// <param name="Ratio">Of the ratio; 0 for none.</param>
/// <param name="Processes">How many processes are shown.</param>
internal readonly record struct LiveColumns(int Title, int Value, int Curve, int Ratio, int Processes)
{
    private const int NarrowestTitle = 10;
    private const int WidestTitle = 28;
    private const int NarrowestValue = 11;
    private const int WidestValue = 27;
    private const int CommonValue = 14;
    private const int NarrowestCurve = 8;
    private const int WidestCurve = 20;
    private const int RatioWidth = 6;
    private const int Gap = 1;

    public static LiveColumns For(int width, LiveTable table)
    {
        int longestTitle = table.Rows.Select(r => CellText.Width(r.Title)).DefaultIfEmpty(NarrowestTitle).Max();
        int title = Math.Min(Math.Min(longestTitle, WidestTitle), Math.Max(NarrowestTitle, width * 2 / 5));
        int shown = Math.Clamp((width - title) / (NarrowestValue + Gap), 1, Math.Max(1, table.Names.Count));
        // On a narrow terminal the titles make room for a second process.
        if (shown == 1 && table.Names.Count > 1 && width >= NarrowestTitle + (2 * (NarrowestValue + Gap)))
            (shown, title) = (2, width - (2 * (NarrowestValue + Gap)));
        int left = width - title - (shown * (NarrowestValue + Gap));
        bool hasRatio = table.Names.Count == 2 && shown == 2 && left >= RatioWidth + Gap;
        if (hasRatio) left -= RatioWidth + Gap;
        int longestValue = table.Rows.SelectMany(r => r.Cells).Concat(table.Names).Select(CellText.Width).DefaultIfEmpty(0).Max();
        int wanted = Math.Clamp(longestValue, NarrowestValue, WidestValue);
        // Numbers first, then names as long as those of most programs, curves, and at last whatever is long.
        int value = NarrowestValue + Math.Clamp(Math.Min(wanted, CommonValue) - NarrowestValue, 0, left / shown);
        left -= shown * (value - NarrowestValue);
        int curve = Math.Min(WidestCurve, (left / shown) - Gap);
        if (curve < NarrowestCurve) curve = 0;
        if (curve > NarrowestCurve) curve = Math.Max(NarrowestCurve, Math.Min(curve, (left / shown) - Gap - (wanted - value)));
        if (curve > 0) left -= shown * (curve + Gap);
        value = Math.Min(wanted, value + (left / shown));
        return new LiveColumns(title, value, curve, hasRatio ? RatioWidth : 0, shown);
    }
}
