namespace RawEcho.Charts.Rendering;

/// <summary>Writes the sections of a page.</summary>
internal sealed class SectionRenderer(MarkupWriter html)
{
    private int _charts;

    public void Write(PageSection section)
    {
        if (section is NoteSection { Notes.Count: 0 } or FactSection { Facts.Count: 0 } or ChartSection { Charts.Count: 0 }) return;
        if (section is RowSection row)
        {
            html.Open("div", ("class", "row"));
            foreach (PageSection part in row.Sections) Write(part);
            html.Close();
            return;
        }

        html.Open("section");
        if (section.Title is { } title) html.Element("h2", title);
        switch (section)
        {
            case HeadlineSection headlines:
                WriteHeadlines(headlines);
                break;
            case ChartSection charts:
                WriteCharts(charts);
                break;
            case BarSection bars:
                html.Open("div", ("class", "charts"));
                foreach (BarChart chart in bars.Charts) WriteBars(chart);
                html.Close();
                break;
            case TableSection table:
                WriteTable(table);
                break;
            case FactSection facts:
                WriteFacts(facts);
                break;
            case NoteSection notes:
                html.Open(notes.IsNumbered ? "ol" : "ul", ("class", "notes"));
                foreach (string note in notes.Notes) html.Element("li", note);
                html.Close();
                break;
            default:
                throw new ArgumentException($"A page has no {section.GetType().Name}.", nameof(section));
        }

        html.Close();
    }

    private void WriteHeadlines(HeadlineSection section)
    {
        html.Open("dl", ("class", "headlines"));
        foreach (Headline headline in section.Figures)
        {
            html.Open("div", ("class", headline.IsBad ? "bad" : null));
            html.Element("dt", headline.Label);
            html.Element("dd", headline.IsBad ? $"⚠ {headline.Value}" : headline.Value, ("class", "value"));
            if (headline.Note is { } note) html.Element("dd", note, ("class", "note"));
            html.Close();
        }

        html.Close();
    }

    private void WriteCharts(ChartSection section)
    {
        html.Open("div", ("class", section.Charts.Count == 1 ? "charts single" : "charts"));
        foreach (Chart chart in section.Charts) new ChartRenderer(html, chart, ChartId(++_charts)).Write();
        html.Close();
    }

    // A table, so that it can be read without seeing it; the bar is drawn in a cell of its own.
    private void WriteBars(BarChart chart)
    {
        double largest = chart.Bars.Max(b => b.Value) is > 0 and var most ? most : 1;
        html.Open("figure", ("class", "chart"));
        html.Open("figcaption");
        html.Element("h3", chart.Title);
        if (chart.Note is { } note) html.Element("p", note);
        html.Close();
        html.Open("table", ("class", "bars"));
        foreach (Bar bar in chart.Bars)
        {
            html.Open("tr", ("class", bar.IsMarked ? "marked" : null));
            html.Element("th", bar.Name, ("scope", "row"));
            html.Open("td", ("aria-hidden", "true"), ("class", "bar"));
            // An attribute of SVG: the page's policy allows no style of an element.
            string width = FormattableString.Invariant($"{100 * (bar.Value ?? 0) / largest:0.##}%");
            html.Open("svg", ("width", "100%"), ("height", "14"));
            html.Element("rect", string.Empty, ("width", width), ("height", "14"), ("rx", "2"));
            html.Close();
            html.Close();
            if (bar.Value is { } value) html.Element("td", chart.Unit.Format(value), ("class", "value"));
            else html.Element("td", "–", ("class", "absent"), ("title", "no value"));
            html.Element("td", bar.Note ?? string.Empty, ("class", "note"));
            html.Close();
        }

        html.Close();
        html.Close();
    }

    private void WriteTable(TableSection table)
    {
        // A wide table scrolls by itself instead of making the page wider; tabindex lets the keyboard scroll it.
        html.Open("div", ("class", "scroll"), ("tabindex", "0"), ("role", "group"), ("aria-label", table.Title));
        html.Open("table", ("class", "numbers")).Open("thead").Open("tr");
        html.Element("td", string.Empty);
        foreach (string column in table.Columns) html.Element("th", column, ("scope", "col"));
        html.Close();
        html.Close();
        foreach (TableGroup group in table.Groups.Where(g => g.Rows.Count > 0))
        {
            html.Open("tbody");
            if (group.Title is { } title)
            {
                html.Open("tr", ("class", "group"));
                html.Element("th", title, ("scope", "rowgroup"), ("colspan", FormattableString.Invariant($"{table.Columns.Count + 1}")));
                html.Close();
            }

            foreach (TableRow row in group.Rows) WriteRow(row);
            html.Close();
        }

        html.Close();
        html.Close();
    }

    private void WriteRow(TableRow row)
    {
        html.Open("tr");
        html.Element("th", row.Name, ("scope", "row"));
        foreach (Cell cell in row.Cells)
        {
            if (cell.Text is { } text) html.Element("td", text, ("class", cell.Number is null ? "words" : null));
            else html.Element("td", "–", ("class", "absent"), ("title", "no value"));
        }

        html.Close();
    }

    private void WriteFacts(FactSection section)
    {
        html.Open("dl", ("class", "facts"));
        foreach (Fact fact in section.Facts)
        {
            html.Open("div");
            html.Element("dt", fact.Name);
            html.Element("dd", fact.Value);
            html.Close();
        }

        html.Close();
    }

    /// <summary>The id of a page's nth chart, from 1: in the page, and in its data.</summary>
    public static string ChartId(int number) => FormattableString.Invariant($"chart-{number}");
}
