using System.Buffers;
using System.Text;
using System.Text.Json;
using RawEcho.Charts.Axes;

namespace RawEcho.Charts.Rendering;

/// <summary>The page's data as JSON, for the page's script and for everybody else: all points, in base units.</summary>
internal static class PageData
{
    private const string Schema = "rawecho-report";
    private const int Version = 1;

    /// <summary>JSON in which no '&lt;' stands, so that it cannot end the script element that it lies in.</summary>
    public static string Of(ReportPage page)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("version", Version);
            json.WriteString("title", page.Title);
            json.WriteString("generator", page.Generator);
            json.WriteString("written", page.Written);
            PageSection[] sections = [.. page.Sections.SelectMany(s => s is RowSection row ? row.Sections : [s])];
            WriteCharts(json, [.. sections.OfType<ChartSection>().SelectMany(s => s.Charts)]);
            IEnumerable<TableSection> bars = sections.OfType<BarSection>().SelectMany(s => s.Charts).Select(TableOf);
            WriteTables(json, bars.Concat(sections.OfType<TableSection>()));
            json.WriteStartObject("facts");
            foreach (Fact fact in sections.OfType<FactSection>().SelectMany(s => s.Facts).DistinctBy(f => f.Name))
                json.WriteString(fact.Name, fact.Value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static TableSection TableOf(BarChart chart) => new(
        chart.Title, [chart.Unit.Name],
        [new TableGroup(null, [.. chart.Bars.Select(b => new TableRow(b.Name, [Cell.Of(chart.Unit, b.Value)]))])]);

    private static void WriteCharts(Utf8JsonWriter json, IReadOnlyList<Chart> charts)
    {
        json.WriteStartArray("charts");
        for (int i = 0; i < charts.Count; i++)
        {
            Chart chart = charts[i];
            var axes = new ChartAxes(chart);
            json.WriteStartObject();
            json.WriteString("id", SectionRenderer.ChartId(i + 1));
            json.WriteString("title", chart.Title);
            WriteAxis(json, "x", chart.X == XAxisKind.Time ? "time" : "percentile", axes.X);
            json.WriteString("unit", chart.X == XAxisKind.Time ? Unit.Seconds.Name : Unit.Percent.Name);
            json.WriteEndObject();
            WriteAxis(json, "y", chart.YName, axes.Y);
            WriteUnit(json, chart.YUnit);
            json.WriteEndObject();
            json.WriteStartArray("series");
            foreach (Series series in chart.Series) WriteSeries(json, series);
            json.WriteEndArray();
            json.WriteStartArray("markers");
            foreach (Marker marker in chart.Markers)
            {
                json.WriteStartObject();
                json.WriteNumber("x", marker.X);
                json.WriteString("label", marker.Label);
                json.WriteString("text", marker.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAxis(Utf8JsonWriter json, string property, string name, Scale scale)
    {
        json.WriteStartObject(property);
        json.WriteString("name", name);
        json.WriteString("scale", scale.Kind);
        json.WriteNumber("from", scale.From);
        json.WriteNumber("to", scale.To);
    }

    private static void WriteUnit(Utf8JsonWriter json, Unit unit)
    {
        json.WriteString("unit", unit.Name);
        json.WriteBoolean("whole", unit.IsWhole);
        json.WriteStartArray("multiples");
        foreach (UnitMultiple multiple in unit.Multiples)
        {
            json.WriteStartArray();
            json.WriteNumberValue(multiple.Factor);
            json.WriteStringValue(multiple.Symbol);
            if (multiple.Digits is { } digits) json.WriteNumberValue(digits);
            else json.WriteNullValue();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteSeries(Utf8JsonWriter json, Series series)
    {
        json.WriteStartObject();
        json.WriteString("name", series.Name);
        json.WriteStartArray("x");
        foreach (DataPoint point in series.Points) WriteNumber(json, point.X);
        json.WriteEndArray();
        json.WriteStartArray("y");
        foreach (DataPoint point in series.Points) WriteNumber(json, point.Y);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTables(Utf8JsonWriter json, IEnumerable<TableSection> tables)
    {
        json.WriteStartArray("tables");
        foreach (TableSection table in tables)
        {
            json.WriteStartObject();
            json.WriteString("title", table.Title);
            json.WriteStartArray("columns");
            foreach (string column in table.Columns) json.WriteStringValue(column);
            json.WriteEndArray();
            json.WriteStartArray("rows");
            foreach (TableGroup group in table.Groups)
            {
                foreach (TableRow row in group.Rows) WriteRow(json, group, row);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, TableGroup group, TableRow row)
    {
        json.WriteStartObject();
        json.WriteString("group", group.Title);
        json.WriteString("name", row.Name);
        json.WriteStartArray("values");
        foreach (Cell cell in row.Cells)
        {
            if (cell.Number is { } number) json.WriteNumberValue(number);
            else json.WriteStringValue(cell.Text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, double? value)
    {
        if (value is { } v && double.IsFinite(v)) json.WriteNumberValue(v);
        else json.WriteNullValue();
    }
}
