using System.Text;
using RawEcho.Diagnostics.Recording;
using RawEcho.Testing;

namespace RawEcho.Diagnostics.Tests;

/// <summary>A recording whose writer was killed in the middle of the last line, at every byte of it.</summary>
public sealed class CutRecordingTests : IDisposable
{
    private const string Columns = "time,seconds (s),pid,process,cpu.percent (%),tagged,event,text\n";
    private const string Row = "2026-01-01T00:00:01Z,1,7,Shop,50,a[b]=1,,\n";

    private static readonly Sample LastSample = new(
        3, 41, new Dictionary<string, double> { ["cpu.percent"] = 12.5, ["threads.busiest[\u00fcber, \"\U0001F600\"]"] = 31.25 });

    private static readonly RecordingEvent LastEvent = new(3, 41, EventKind.Warning, "A \"reason\", na\u00efve \U0001F600\nin two lines");

    private readonly TempFolder _folder = new();

    public static TheoryData<string, bool, string> Cuts => new(
        from name in new[] { "a.jsonl", "a.csv" }
        from isEvent in new[] { false, true }
        from lineEnd in new[] { "\n", "\r\n" }
        select (name, isEvent, lineEnd));

    [Theory]
    [MemberData(nameof(Cuts))]
    public void It_is_read_up_to_its_last_whole_line_wherever_it_was_cut(string name, bool isEvent, string lineEnd)
    {
        GoodRecording.Write(_folder[name]);
        RecordingData before = RecordingReader.Read(_folder[name]);
        int lines = File.ReadAllLines(_folder[name]).Length;
        byte[] whole = Encoding.UTF8.GetBytes(WithLastLine(name, isEvent).Replace("\n", lineEnd, StringComparison.Ordinal));
        int start = Encoding.UTF8.GetByteCount(File.ReadAllText(_folder[name]).Replace("\n", lineEnd, StringComparison.Ordinal));
        RecordingData all = Read(whole);
        Assert.Null(all.CutLine);
        Assert.Equal(before.Samples.Count + before.Events.Count + 1, all.Samples.Count + all.Events.Count);
        Assert.Null(Read(whole[..start]).CutLine);

        for (int cut = start + 1; cut < whole.Length; cut++)
        {
            RecordingData read = Read(whole[..cut]);
            bool isLeftOut = read.CutLine is not null;
            // Of the last line either everything is there or nothing, and what is not there is said.
            Assert.Equal((cut, (isLeftOut ? before : all).Samples.Count), (cut, read.Samples.Count));
            Assert.Equal((cut, (isLeftOut ? before : all).Events.Count), (cut, read.Events.Count));
            Assert.Equal((isLeftOut ? before : all).Samples.SelectMany(s => s.Values), read.Samples.SelectMany(s => s.Values));
            Assert.Equal(isLeftOut ? lines + 1 : null, read.CutLine);
            if (cut < whole.Length - lineEnd.Length) Assert.True(isLeftOut, $"{cut} of {whole.Length} bytes");
        }
    }

    [Theory]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12\n", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12.5,a[b]=1; c[", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,,,ended,It ended with", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12.5,a[b]=1,,", null)]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12.5,a[b]=1,,\r", null)]
    [InlineData("2026-01-01T00:00:02Z,2,7,\"Shop\nand, more", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,\"Shop\"", 3)]
    [InlineData("2026-01-01T00:00:02Z,2,7,\"Shop\n\"\"B\"\"\",,,\"ended\",\"It ended\nand, more", 3)]
    public void A_last_line_of_csv_counts_when_nothing_of_it_can_be_missing(string last, int? cutLine)
    {
        RecordingData read = Read(Encoding.UTF8.GetBytes(Columns + Row + last));
        Assert.Equal((cutLine, cutLine is null ? 2 : 1, 0), (read.CutLine, read.Samples.Count, read.Events.Count));
    }

    [Theory]
    // The number in the last column is 12, or the beginning of 125.
    [InlineData("time,seconds (s),pid,cpu.percent (%)\n2026-01-01T00:00:01Z,1,7,5\n2026-01-01T00:00:02Z,2,7,12", 3)]
    [InlineData("time,seconds (s),pid,cpu.percent (%)\n2026-01-01T00:00:01Z,1,7,5\n2026-01-01T00:00:02Z,2,7,1e-", 3)]
    [InlineData("cpu.percent (%),pid,seconds (s),time\n5,7,1,2026-01-01T00:00:01Z\n12,7,2,2026-01-01T00", 3)]
    public void The_columns_may_stand_in_any_order(string text, int cutLine)
    {
        RecordingData read = Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal((cutLine, 1), (read.CutLine, read.Samples.Count));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12\n" + Row, "Line 3 is not of a recording: It has 5 fields, and the first line has 8.")]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,12" + Row, "Line 3 is not of a recording: It has 12 fields")]
    [InlineData(
        "2026-01-01T00:00:02Z,2,7,\"Shop,12,,,\n" + Row + Row,
        "Line 3 is not of a recording: A quoted field begins in it and does not end.")]
    [InlineData(
        "2026-01-01T00:00:02Z,2,7,\"Shop,12,,,\n" + Row + "2026-01-01T00:00:02Z,2,7,\"Shop\",,,,\n",
        "Line 3 is not of a recording: a quote")]
    [InlineData("2026-01-01T00:00:02Z,2,7,Sh\"op,12,,,\n" + Row, "Line 3 is not of a recording: a quote stands within a field.")]
    [InlineData("2026-01-01T00:00:02Z,2,7,\"S\nh\",12,,,\n2026-01-01T00:00:02Z,2,7,Shop,x,,,\n" + Row, "Line 5 is not of a recording")]
    [InlineData("2026-01-01T00:00:02Z,2,7,Shop,x,,,\n", "Line 3 is not of a recording")]
    [InlineData("2026-01-01T00:00:02Z,x,7,Shop,12,,,", "Line 3 is not of a recording")]
    public void A_defect_that_is_no_cut_is_an_error_that_names_the_line(string rest, string part)
    {
        RecordingFormatException e = Assert.Throws<RecordingFormatException>(() => Read(Encoding.UTF8.GetBytes(Columns + Row + rest)));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static RecordingData Read(byte[] bytes)
    {
        using var input = new StreamReader(new MemoryStream(bytes));
        return RecordingReader.Read(input);
    }

    private string WithLastLine(string name, bool isEvent)
    {
        string last = _folder["last" + Path.GetExtension(name)];
        using (RecordingWriter writer = RecordingWriter.Create(last))
        {
            writer.Write(GoodRecording.Header);
            writer.Write(GoodRecording.Server);
            if (isEvent) writer.Write(LastEvent);
            else writer.Write(LastSample);
        }

        // CSV writes a process with each of its lines, JSON lines write it once.
        int head = name.EndsWith(".csv", StringComparison.Ordinal) ? 1 : 2;
        return File.ReadAllText(_folder[name]) + string.Concat(File.ReadAllText(last).Split('\n', head + 1)[head]);
    }
}
