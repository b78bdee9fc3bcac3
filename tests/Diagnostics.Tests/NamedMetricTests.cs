using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Events;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Names of meters and counters: on the command line, in a recording and in a table.</summary>
public class NamedMetricTests
{
    [Theory]
    [InlineData("Acme.Orders", "Acme.Orders")]
    [InlineData("Acme.Orders\\orders.placed", "Acme.Orders[orders.placed]")]
    [InlineData("Acme.Orders[a, b],Other", "Acme.Orders[a,b] Other")]
    [InlineData("A,B\\c", "A B[c]")]
    public void Names_are_taken_as_dotnet_counters_takes_them(string word, string expected) =>
        Assert.Equal(expected, string.Join(' ', RequestedSource.TryParse(word)!));

    [Theory]
    [InlineData("")]
    [InlineData("A,")]
    [InlineData("A[]")]
    [InlineData("A[b")]
    [InlineData("[b]")]
    [InlineData("A\\")]
    [InlineData("A\\b\\c")]
    [InlineData("A*")]
    [InlineData("A;B")]
    [InlineData("A=\"x\"")]
    [InlineData("A\u001b")]
    public void What_is_no_name_is_refused(string word) => Assert.Null(RequestedSource.TryParse(word));

    [Theory]
    [InlineData("s", 0.0125, "12.50 ms")]
    [InlineData("By", 2048, "2.0 KB")]
    [InlineData("%", 12.34, "12.3 %")]
    [InlineData("{order}", 3, "3")]
    [InlineData("", 0.00123, "0.00123")]
    [InlineData("Cel", -12.25, "-12.25 Cel")]
    [InlineData("1", 1234567, "1,234,567")]
    public void Values_have_the_units_of_the_program(string unit, double value, string text)
    {
        Metric metric = NamedMetric.OfMeter("Acme", "x", NamedValue.Value, unit);
        Assert.Equal(text, ValueText.Of(metric, value));
        Assert.Equal(metric, MetricCatalog.Find(metric.Name));
        Assert.Equal(metric, MetricCatalog.Find(metric.WithTag("a:b")));
    }

    [Theory]
    [InlineData("By", "3.0 KB/s")]
    [InlineData("{order}", "3,072 /s")]
    [InlineData("kg", "3,072 kg/s")]
    public void Rates_have_them_too(string unit, string text) =>
        Assert.Equal(text, ValueText.Of(NamedMetric.OfMeter("Acme", "x", NamedValue.Rate, unit), 3072));

    [Fact]
    public void Names_that_mean_something_elsewhere_are_changed_and_can_be_read_back()
    {
        Metric metric = NamedMetric.OfMeter("a:b\u001b[2J", new string('x', 1000) + "=;", NamedValue.P99, "(odd)[u]:\n");
        Assert.DoesNotContain(metric.Name, char.IsControl);
        Assert.InRange(metric.Title.Length, 100, 220);
        Assert.Equal(metric, MetricCatalog.Find(metric.Name));
    }

    [Theory]
    [InlineData("meter:a:b")]
    [InlineData("meter:a:b:value")]
    [InlineData("meter:a:b:fast (s)")]
    [InlineData("meter::b:value (s)")]
    [InlineData("thing:a:b:value (s)")]
    public void Other_names_are_no_rows(string name) => Assert.Null(MetricCatalog.Find(name));

    [Fact]
    public void A_histogram_without_values_has_no_percentiles_and_its_rate_leaves_nothing_out()
    {
        var totals = new HistogramTotals();
        var series = new MeterSeries(new Instrument("Acme", "time"), "a=b");
        Assert.Equal(new HistogramReading(4, 1.5, 2, 3), totals.Add(series, 4, "0.5=1.5;0.95=2;0.99=3"));
        Assert.Equal(new HistogramReading(4, null, null, null), totals.Add(series, 0, "0.5=0;0.95=0;0.99=0"));
        Assert.Equal(6, totals.Add(series, 2, "0.5=1;0.95=1;0.99=1").Total);
        // A runtime that does not say how many there were.
        Assert.Equal(new HistogramReading(null, 1, 1, 1), totals.Add(series, null, "0.5=1;0.95=1;0.99=1"));
    }

    [Fact]
    public void Two_meters_of_one_name_are_added_up_where_that_has_a_meaning()
    {
        var collecting = new CollectionInProgress();
        var series = new MeterSeries(new Instrument("Acme", "x"), "");
        foreach (int value in new[] { 3, 4 })
        {
            collecting.AddNamed(series, new NamedReading(InstrumentKind.Counter, "", value, default));
            collecting.AddNamed(series with { Tags = "g" }, new NamedReading(InstrumentKind.Gauge, "", value, default));
        }

        MeterCollection all = collecting.ToCollection(1000, hasAllSeries: true, hasAllHistograms: true);
        Assert.Equal(7, all.Named[series].Value);
        Assert.Equal(3, all.Named[series with { Tags = "g" }].Value);
        Assert.Equal(4, all.Named[series with { Tags = "g,#2" }].Value);
    }

    [Fact]
    public void Rates_over_all_series_are_absent_when_series_are_missing()
    {
        var histogram = new MeterSeries(InstrumentNames.RequestDuration, "http.response.status_code=200");
        MeterCollection At(double seconds, double total, bool isWhole) => new(new Dictionary<MeterSeries, double>(), seconds * 1000, 0)
        {
            Histograms = new Dictionary<MeterSeries, HistogramReading> { [histogram] = new(total, 1, 1, 1) },
            HasAllHistograms = isWhole,
        };
        Assert.Equal(5, new MeterReading(At(3, 20, true), At(1, 10, true)).RecordsPerSecond(InstrumentNames.RequestDuration));
        Assert.Null(new MeterReading(At(3, 20, false), At(1, 10, true)).RecordsPerSecond(InstrumentNames.RequestDuration));
        Assert.Null(new MeterReading(At(3, 20, true), null).RecordsPerSecond(InstrumentNames.RequestDuration));
    }
}
