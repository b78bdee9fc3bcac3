using System.Globalization;
using System.Text;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Makes the lines of a screen: none is wider than the terminal, and there are never more than it has.</summary>
internal static class LiveScreen
{
    private const int FramingLines = 3;
    private const int MostNotes = 2;
    private const int WideEnoughForWords = 70;
    private const string CurveTitle = "last minute";

    private static readonly string[] Help =
    [
        "Up Down j k      one row",
        "PgUp PgDn b f    one page",
        "Home End g G     first, last row",
        "Left Right       other processes",
        "s                order of the rows",
        "p Space          pause, go on",
        "? h              this help",
        "q Ctrl-C         end",
    ];

    private static readonly string[] OrderNames = ["auto", "importance", "group", "title", "difference"];

    /// <param name="table">What there is to see.</param>
    /// <param name="view">What the user wants to see; its position is kept inside of what there is.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    /// <param name="hasKeys">Whether there is a keyboard.</param>
    public static IReadOnlyList<string> Lines(LiveTable table, LiveView view, int width, int height, bool hasKeys)
    {
        if (view.ShowsHelp) return [.. Help.Select(l => CellText.Left(l, width).TrimEnd()).Take(height)];
        string[] notes = [.. table.Notes.TakeLast(Math.Clamp(height - FramingLines - 1, 0, MostNotes))];
        int room = Math.Max(1, height - FramingLines - notes.Length + 1);
        if (table.Names.Count == 0)
        {
            string[] waiting = ["Waiting for a RawEcho process.", .. notes, hasKeys ? "q ends" : "Ctrl-C ends"];
            return [.. waiting.Select(l => Line(l, width)).Take(height)];
        }

        LiveColumns columns = LiveColumns.For(width, table);
        List<string> body = Body(table, view, columns, room);
        view.PageRows = room;
        view.Limit(body.Count, table.Names.Count, columns.Processes);
        IEnumerable<string> lines =
        [
            Heading(table, view, columns),
            .. body.Skip(view.FirstRow).Take(room),
            .. notes,
            Status(view, body.Count, room, width, hasKeys),
        ];
        return [.. lines.Select(l => Line(l, width)).Take(Math.Max(1, height))];
    }

    private static string Line(string text, int width) => CellText.Left(text, width).TrimEnd();

    private static string Heading(LiveTable table, LiveView view, LiveColumns columns)
    {
        view.Limit(int.MaxValue / 2, table.Names.Count, columns.Processes);
        var line = new StringBuilder(CellText.Left(view.IsPaused ? $"{table.Time} paused" : table.Time, columns.Title));
        for (int i = view.FirstProcess; i < view.FirstProcess + columns.Processes; i++)
        {
            line.Append(' ').Append(CellText.Right(table.Names[i], columns.Value));
            string curve = columns.Curve < CurveTitle.Length ? "minute" : CurveTitle;
            if (columns.Curve > 0) line.Append(' ').Append(CellText.Left(curve, columns.Curve));
        }

        if (columns.Ratio > 0) line.Append(' ').Append(CellText.Right("ratio", columns.Ratio));
        return line.ToString();
    }

    private static List<string> Body(LiveTable table, LiveView view, LiveColumns columns, int room)
    {
        int groups = table.Rows.Select(r => r.Group).Distinct().Count();
        RowOrder order = view.Order == RowOrder.Automatic
            ? table.Rows.Count + groups <= room ? RowOrder.Group : RowOrder.Importance
            : view.Order;
        List<string> lines = [];
        string group = string.Empty;
        foreach (ComparisonRow row in RowOrders.Sort(table.Rows, order))
        {
            if (order == RowOrder.Group && row.Group != group) lines.Add(row.Group);
            group = row.Group;
            lines.Add(Row(table, view, columns, row, order == RowOrder.Group));
        }

        return lines;
    }

    private static string Row(LiveTable table, LiveView view, LiveColumns columns, ComparisonRow row, bool isIndented)
    {
        string title = (isIndented ? " " : string.Empty) + row.Title;
        // What a title says in parentheses is the first to go.
        if (CellText.Width(title) > columns.Title && title.IndexOf(" (", StringComparison.Ordinal) is > 0 and var end) title = title[..end];
        var line = new StringBuilder(CellText.Left(title, columns.Title));
        for (int i = view.FirstProcess; i < view.FirstProcess + columns.Processes; i++)
        {
            line.Append(' ').Append(CellText.RightWithNumber(row.Cells[i], columns.Value));
            if (columns.Curve == 0) continue;
            string curve = row.Keys[i] is { } key ? table.Curve(i, key, columns.Curve) : string.Empty;
            line.Append(' ').Append(CellText.Left(curve, columns.Curve));
        }

        if (columns.Ratio > 0) line.Append(' ').Append(CellText.Right(row.Ratio, columns.Ratio));
        return line.ToString();
    }

    private static string Status(LiveView view, int rows, int room, int width, bool hasKeys)
    {
        string range = string.Create(
            CultureInfo.InvariantCulture, $"{Math.Min(rows, view.FirstRow + 1)}-{Math.Min(rows, view.FirstRow + room)}/{rows}");
        string order = OrderNames[(int)view.Order];
        if (!hasKeys) return $"{range}  Ctrl-C ends";
        return width >= WideEnoughForWords
            ? $"rows {range}  order {order} (s)  pause (p)  scroll (arrows)  help (?)  end (q)"
            : $"{range} {order}  ? help  q end";
    }
}
