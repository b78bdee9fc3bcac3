using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Testing;

namespace RawEcho.Diagnostics.Tests;

public sealed class RecordingTests : IDisposable
{
    private const string Head =
        """{"type":"header","schema":"rawecho-recording","version":1,"started":"2026-01-01T00:00:00Z","interval":1}""" + "\n";

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    public void What_was_written_is_read_back(string name)
    {
        RecordingData read = RecordingReader.Read(Write(name));

        Assert.Equal(GoodRecording.Started, read.Header.Started);
        Assert.Equal(TimeSpan.FromSeconds(1), read.Header.Interval);
        Assert.Equal([41, 7], read.Processes.Select(p => p.Pid));
        Assert.Equal(GoodRecording.Server.Description, read.Processes[0].Description);
        Assert.Equal("server", read.Processes[0].Role);
        Assert.Equal(GoodRecording.Server.GcMode, read.Processes[0].GcMode);
        Assert.Null(read.Processes[1].Role);
        Assert.Null(read.Processes[1].Runtime);
        Assert.Equal([(1.0, 98.25), (2.0, 12.5)], read.Series(41, MetricCatalog.Cpu.Name));
        Assert.Equal([(1.0, 31.5)], read.Series(41, "threads.busiest[.NET Sockets 42]"));
        Assert.Equal([(1.0, 4096)], read.Series(7, MetricCatalog.Private.Name));
        RecordingEvent ended = Assert.Single(read.Events);
        Assert.Equal((2.5, 7, EventKind.Ended, "It ended, with a \"reason\"."), (ended.Seconds, ended.Pid, ended.Kind, ended.Text));
    }

    [Fact]
    public void Json_lines_keep_all_that_was_described()
    {
        RecordingData read = RecordingReader.Read(Write("a.jsonl"));
        Assert.Equal(GoodRecording.Header, read.Header);
        Assert.Equal([GoodRecording.Server, GoodRecording.Foreign], read.Processes);
    }

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    public void What_is_absent_is_not_zero(string name)
    {
        RecordingData read = RecordingReader.Read(Write(name));
        Assert.Empty(read.Series(7, MetricCatalog.RoundTrips.Name));
        Assert.DoesNotContain(read.Samples, s => s.Values.ContainsKey(MetricCatalog.LatencyP50.Name));
        // Not a number is absent too.
        Assert.Empty(read.Series(41, MetricCatalog.Native.Name));
    }

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    public void A_thread_may_be_called_what_it_likes(string name)
    {
        string[] names = [.. new[] { "a; b", "c=1; d", "[e]", "f,\"g\"" }.Select(MetricCatalog.BusiestThreads.WithTag)];
        using (RecordingWriter writer = RecordingWriter.Create(_folder[name]))
        {
            writer.Write(GoodRecording.Header);
            writer.Write(GoodRecording.Server);
            writer.Write(new Sample(1, 41, names.ToDictionary(n => n, n => 0.5 + n.Length)));
        }

        Sample read = Assert.Single(RecordingReader.Read(_folder[name]).Samples);
        Assert.Equal(names.Order(), read.Values.Keys.Order());
        Assert.All(read.Values, v => Assert.Equal(0.5 + v.Key.Length, v.Value));
    }

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    public void Rows_that_the_user_names_are_kept_with_and_without_tags(string name)
    {
        var values = new SampleValues();
        Metric metric = NamedMetric.OfMeter("Acme; =1", "orders, \"x\"", NamedValue.Rate, "{order}");
        values.Set(metric, 3);
        values.Set(metric, "region=eu; x", 4);
        // No recording holds such numbers, and one of a foreign program must not spoil it.
        values.Set(metric, "huge", 1e200);
        using (RecordingWriter writer = RecordingWriter.Create(_folder[name]))
        {
            writer.Write(GoodRecording.Header);
            writer.Write(GoodRecording.Server);
            writer.Write(new Sample(1, 41, values.All));
        }

        Sample read = Assert.Single(RecordingReader.Read(_folder[name]).Samples);
        Assert.Equal(2, read.Values.Count);
        Assert.Equal((3, 4), (read.Values[metric.Name], read.Values[metric.WithTag("region:eu, x")]));
    }

    [Fact]
    public void A_column_of_csv_tells_its_unit()
    {
        string[] columns = File.ReadLines(Write("a.csv")).First().Split(',');
        Assert.Contains("cpu.percent (%)", columns);
        Assert.Contains("memory.private (By)", columns);
        Assert.All(File.ReadLines(_folder["a.csv"]).Skip(1), l => Assert.True(l.Count(c => c == ',') >= columns.Length - 1));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{\"type\":\"sample\"}", "Line 1 is no header")]
    [InlineData("{\"type\":\"header\",\"schema\":\"other\"}", "schema")]
    [InlineData(
        "{\"type\":\"header\",\"schema\":\"rawecho-recording\",\"version\":2,\"started\":\"2026-01-01T00:00:00Z\",\"interval\":1}",
        "version 2")]
    [InlineData(
        "{\"type\":\"header\",\"schema\":\"rawecho-recording\",\"version\":1,\"started\":\"2026-01-01T00:00:00Z\",\"interval\":1}\n{]\n{}",
        "Line 2")]
    [InlineData("a,b\n1,2", "'time'")]
    [InlineData(
        Head + """{"type":"sample","t":1,"pid":7,"values":{"cpu.percent":1,"cpu.percent":2}}""",
        "Line 2 is not of a recording: 'cpu.percent' stands there twice.")]
    [InlineData(Head + """{"type":"sample","t":1,"pid":7,"values":{"cpu.percent":1e999}}""", "Line 2")]
    [InlineData(Head + """{"type":"sample","t":-1,"pid":7,"values":{}}""", "Line 2")]
    [InlineData(Head + """{"type":"process","t":1,"pid":7,"name":null,"description":"x"}""", "'name' is missing")]
    [InlineData(
        "{\"type\":\"header\",\"schema\":\"rawecho-recording\",\"version\":1,\"started\":\"2026-01-01T00:00:00Z\",\"interval\":1e300}",
        "Line 1")]
    [InlineData("time,seconds (s),pid\n2026-01-01T00:00:00Z,x,1", "Line 2")]
    [InlineData("time,seconds (s),pid\n2026-01-01T00:00:00Z,1,99999999999\n", "Line 2")]
    [InlineData("time,seconds (s),pid\n0001-01-01T00:00:00Z,1,1", "Line 2")]
    [InlineData("time,seconds (s),pid\n2026-01-01T00:00:00Z,NaN,1", "Line 2")]
    [InlineData("time,seconds (s),pid,cpu.percent (%),cpu.percent (%)\n2026-01-01T00:00:00Z,1,1,2,3", "'cpu.percent (%)' twice")]
    [InlineData("time,seconds (s),pid,tagged\n2026-01-01T00:00:00Z,1,1,a[b]=1; a[b]=2\n", "'a[b]' stands there twice")]
    public void What_is_no_recording_is_told_with_what_is_wrong(string text, string part)
    {
        RecordingFormatException e = Assert.Throws<RecordingFormatException>(() => RecordingReader.Read(new StringReader(text)));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_row_has_a_name_of_its_own_and_a_group()
    {
        Assert.Equal(MetricCatalog.All.Count, MetricCatalog.All.Select(m => m.Name).Distinct().Count());
        Assert.All(MetricCatalog.All, m => Assert.Contains(m.Group, MetricGroup.All));
        Assert.Same(MetricCatalog.BusiestThreads, MetricCatalog.Find("threads.busiest[.NET Sockets 42]"));
        Assert.Equal(".NET Sockets 42", MetricCatalog.BusiestThreads.TagOf("threads.busiest[.NET Sockets 42]"));
        Assert.Null(MetricCatalog.Find("no.such.row"));
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name)
    {
        GoodRecording.Write(_folder[name]);
        return _folder[name];
    }
}
