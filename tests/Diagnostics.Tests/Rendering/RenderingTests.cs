using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling;
using RawEcho.Testing;
using Spectre.Console;

namespace RawEcho.Diagnostics.Tests;

public class RenderingTests
{
    private static readonly HashSet<string> AllGroups = [.. MetricGroup.All];
    private static readonly ProcessDescription One = new() { Pid = 1, Name = "one", Description = "first" };
    private static readonly ProcessDescription Two = new() { Pid = 2, Name = "two", Description = "second [x]" };

    private static readonly Round First = new(
        1, [One, Two],
        [
            new Sample(1, 1, new Dictionary<string, double>
            {
                ["cpu.percent"] = 50,
                ["memory.private"] = 1024 * 1024,
                ["threads.busiest[.NET Sockets 7]"] = 49,
                ["echo.roundtrips.rate"] = 1000,
            }),
            new Sample(1, 2, new Dictionary<string, double> { ["cpu.percent"] = 100, ["threads.busiest[main 8]"] = 99 }),
        ],
        []);

    private static readonly Round Second = new(
        2, [],
        [new Sample(2, 1, new Dictionary<string, double> { ["cpu.percent"] = 100, ["echo.roundtrips.rate"] = 3000 })],
        [new RecordingEvent(2, 2, EventKind.Ended, "two (2) has ended.")]);

    [Fact]
    public async Task Plain_rows_show_absent_values_as_absent_and_have_a_ratio()
    {
        string[] lines = (await PlainAsync(First)).Split('\n');
        Assert.Matches(
            @"^CPU +CPU, of one core +50\.0 % +100\.0 % +2\.00$", lines.Single(l => l.Contains("of one core", StringComparison.Ordinal)));
        Assert.Matches(
            @"^memory +private \(anonymous \+ swap\) +1\.0 MB +- +-$",
            lines.Single(l => l.Contains("private (", StringComparison.Ordinal)));
        Assert.Matches(
            @"^threads +busiest 1 +\.NET Sockets 49\.0 % +main 99\.0 %$",
            lines.Single(l => l.Contains("busiest 1", StringComparison.Ordinal)));
        // What neither of them gives is left out.
        Assert.DoesNotContain(lines, l => l.Contains("latency", StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_that_is_too_wide_for_the_terminal_loses_no_number()
    {
        List<string[]> lines =
        [
            ["", "", "rawecho-server", "rawecho-client", "ratio"],
            ["", "GC mode", "workstation, non-concurrent", "workstation, non-concurrent", ""],
            ["threads", "busiest 1", ".NET Tiered Compilation 20.5 %", "MetricsEventSource 0.2 %", ""],
            ["HTTP", "request p99: GET /a/very/long/route/{id} 200 1.1", "1.02 ms", "-", "-"],
        ];
        List<string[]> fitted = NarrowTable.Fit(lines, 80);
        using var text = new StringWriter { NewLine = "\n" };
        TextTable.Write(text, fitted, leftColumns: 2);
        string[] rows = text.ToString().TrimEnd().Split('\n');
        Assert.All(rows, r => Assert.InRange(r.Length, 1, 80));
        Assert.Equal(lines.Count + 1, rows.Length);
        Assert.Contains(rows, r => r.Contains("20.5 %", StringComparison.Ordinal) && r.Contains("0.2 %", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.Contains("non-concurrent", StringComparison.Ordinal));
        Assert.Same(lines, NarrowTable.Fit(lines, 200));
    }

    [Fact]
    public void What_the_user_names_stands_near_the_top_and_the_meter_is_said_where_two_have_one_instrument()
    {
        Metric one = NamedMetric.OfMeter("Acme.A", "orders", NamedValue.Value, "1");
        Metric two = NamedMetric.OfMeter("Acme.B", "orders", NamedValue.Value, "1");
        var values = new SampleValues();
        values.Set(MetricCatalog.Cpu, 1);
        values.Set(MetricCatalog.OsThreads, 2);
        values.Set(one, 3);
        values.Set(two, 4);
        IReadOnlyList<ComparisonRow> rows = ComparisonRows.ByGroup([new ProcessColumn(One, values.All)]);
        IReadOnlyList<ComparisonRow> sorted = RowOrders.Sort(rows, RowOrder.Importance);
        Assert.Equal(["CPU, of one core", "Acme.A orders", "Acme.B orders"], sorted.Take(3).Select(r => r.Title));
    }

    [Fact]
    public async Task A_process_that_has_ended_keeps_its_column()
    {
        string[] lines = (await PlainAsync(First, Second)).Split('\n');
        Assert.Contains(lines, l => l.EndsWith("two (2) has ended.", StringComparison.Ordinal));
        Assert.Matches(@"100\.0 % +- +-$", lines.Last(l => l.Contains("of one core", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_summary_begins_with_what_Process_Explorer_shows_and_divides_means()
    {
        var output = new StringWriter { NewLine = "\n" };
        var summary = new SummaryRenderer(output, AllGroups);
        summary.Show(First);
        summary.Show(Second);
        await summary.DisposeAsync();
        string[] lines = output.ToString().Split('\n');
        string[] titles = ["CPU, of one core", "private (anonymous + swap)", "PID", "description"];
        Assert.Equal(titles, lines.Skip(2).Take(4).Select(l => titles.Single(t => l.Contains($" {t} ", StringComparison.Ordinal))));
        Assert.Matches(@"75\.0 % +100\.0 % +1\.33$", lines[2]);
        // 75 % of a second by 2,000 round trips; the mean of the two quotients would be 416.7 us.
        Assert.Matches(@"375\.0 us", lines.Single(l => l.Contains("CPU per round trip", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_live_table_shows_values_curves_and_who_has_ended()
    {
        var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new Output(output) });
        var live = new LiveRenderer(console, AllGroups);
        live.Begin(new RecordingHeader(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), null, null));
        live.Show(First);
        await TimeLimit.Until(() => Text(output).Contains("50.0 %", StringComparison.Ordinal), "the first round");
        live.Show(Second);
        await live.DisposeAsync();
        string text = Text(output);
        Assert.Contains("second [x]", text, StringComparison.Ordinal);
        Assert.Contains("▅█", text, StringComparison.Ordinal);
        Assert.Contains("two, ended 00:00:02", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_is_scaled_to_its_largest_value_and_has_gaps()
    {
        Assert.Equal("▁▅ █", Sparkline.Of([0, 5, null, 10], 20));
        Assert.Equal("▁▁", Sparkline.Of([0, 0], 20));
        Assert.Equal(10, Sparkline.Of([.. Enumerable.Range(0, 60).Select(i => (double?)i)], 10).Length);
        Assert.Equal(string.Empty, Sparkline.Of([], 10));
    }

    [Fact]
    public void Values_are_written_for_people()
    {
        Assert.Equal("-", ValueText.Of(MetricCatalog.Cpu, null));
        Assert.Equal("0 /s", ValueText.Of(MetricCatalog.RoundTrips, 0));
        Assert.Equal("0.25 /s", ValueText.Of(MetricCatalog.RoundTrips, 0.25));
        Assert.Equal("73,181 /s", ValueText.Of(MetricCatalog.RoundTrips, 73181.4));
        Assert.Equal("19.5 MB", ValueText.Of(MetricCatalog.Private, 19.5 * 1024 * 1024));
        Assert.Equal("512 B", ValueText.Of(MetricCatalog.Private, 512));
        Assert.Equal("1.0 KB/s", ValueText.Of(MetricCatalog.Sent, 1024));
        Assert.Equal("494.1 us", ValueText.Of(MetricCatalog.LatencyP50, 494.1e-6));
        Assert.Equal("6.76 ms", ValueText.Of(MetricCatalog.PauseLongest, 6.76e-3));
        Assert.Equal("1:02:03", ValueText.Of(MetricCatalog.Uptime, 3723.9));
        Assert.Equal("1.01:02:03", ValueText.Of(MetricCatalog.Uptime, 86400 + 3723));
    }

    private static string Text(StringWriter output)
    {
        lock (output) return output.ToString();
    }

    private static async Task<string> PlainAsync(params Round[] rounds)
    {
        var output = new StringWriter { NewLine = "\n" };
        await using var plain = new PlainRenderer(output, AllGroups);
        plain.Begin(new RecordingHeader(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), null, null));
        foreach (Round round in rounds) plain.Show(round);
        return output.ToString();
    }

    private sealed class Output(StringWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer { get; } = TextWriter.Synchronized(writer);

        public bool IsTerminal => true;

        public int Width => 160;

        public int Height => 80;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
