using System.Globalization;
using System.Text.RegularExpressions;

namespace RawEcho.Diagnostics.Recording;

/// <summary>
/// Reads what <see cref="CsvWriter"/> writes; columns may stand in any order, and ones that it does not know are passed over.
/// </summary>
internal static partial class CsvReader
{
    // A tag is whatever a thread is called: only behind a number does a value end.
    [GeneratedRegex(@"(?<=\]=[^\];= ]+); ")]
    private static partial Regex BetweenValues();

    /// <summary>Reads all records. A last one that was cut off is left out, and <see cref="RecordingData.CutLine"/> says so.</summary>
    /// <exception cref="RecordingFormatException">It is no recording.</exception>
    public static RecordingData Read(TextReader input)
    {
        var records = new CsvRecords(input);
        string[] columns = Columns(records.Next());
        var content = new Content();
        int? cutLine = null;
        while (records.Next() is { } record)
        {
            if (record.Fields is [""] && record.HasLineEnd) continue;
            if (records.IsAtEnd && IsCut(columns, record)) cutLine = record.Line;
            else content.Add(columns, record);
        }

        var made = new RecordingHeader(content.Started ?? default, IntervalOf(content.Samples), null, null);
        return new RecordingData(made, [.. content.Processes.Values], content.Samples, content.Events) { CutLine = cutLine };
    }

    private static string[] Columns(CsvRecord? header)
    {
        if (header is null) throw new RecordingFormatException("It is empty.");
        if (header.IsQuoteOpen) throw new RecordingFormatException("It ends within a quoted field of line 1.");
        foreach (string needed in new[] { CsvColumns.Time, CsvColumns.Seconds, CsvColumns.Pid })
        {
            if (!header.Fields.Contains(needed))
                throw new RecordingFormatException($"It is neither JSON lines nor CSV of a recording: it has no column '{needed}'.");
        }

        // Which of the two would count is anyone's guess.
        if (header.Fields.GroupBy(c => c).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new RecordingFormatException($"It has the column '{twice.Key}' twice.");
        return header.Fields;
    }

    // The last record: its last field may be the beginning of a longer one, as 1 is of 125.
    private static bool IsCut(string[] columns, CsvRecord last)
    {
        if (last.IsQuoteOpen) return !HoldsRecord(columns, last.Fields[^1]);
        if (last.Fields.Length < columns.Length) return true;
        if (last.HasLineEnd || last.Fields.Length > columns.Length) return false;

        // Only the last field may be incomplete. The text of a sample is empty: then nothing is missing. A defect before it is one.
        bool isSample = new Row(columns, last.Fields)[CsvColumns.Kind].Length == 0;
        if (isSample && columns[^1] == CsvColumns.Text && last.Fields[^1].Length == 0) return false;
        // These two cannot be empty.
        if (columns[^1] is CsvColumns.Time or CsvColumns.Seconds) return true;
        return IsReadable(columns, last with { Fields = [.. last.Fields[..^1], string.Empty] });
    }

    // A quote that is not closed in the middle of a file makes all that follows one field. A field that was cut off holds no records.
    private static bool HoldsRecord(string[] columns, string open) => open.Split('\n').Skip(1).Any(line =>
    {
        string[] fields = line.Split(',');
        return fields.Length >= columns.Length
            && DateTimeOffset.TryParse(new Row(columns, fields)[CsvColumns.Time], CultureInfo.InvariantCulture, out _);
    });

    private static bool IsReadable(string[] columns, CsvRecord record)
    {
        try
        {
            new Content().Add(columns, record);
            return true;
        }
        catch (RecordingFormatException)
        {
            return false;
        }
    }

    private static ProcessDescription Process(Row row, int pid, double seconds) => new()
    {
        Pid = pid,
        Seconds = seconds,
        Name = row[CsvColumns.Name],
        Description = row[CsvColumns.Description],
        Role = row.Optional(CsvColumns.Role),
        Runtime = row.Optional(CsvColumns.Runtime),
        GcMode = row.Optional(CsvColumns.GcMode),
    };

    // The file does not say it: what lies between most samples of a process.
    private static TimeSpan IntervalOf(List<Sample> samples)
    {
        double[] gaps =
        [
            .. samples.GroupBy(s => s.Pid).SelectMany(g => g.Zip(g.Skip(1), (a, b) => b.Seconds - a.Seconds)).Order(),
        ];
        return gaps.Length == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Round(gaps[gaps.Length / 2], 1));
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private sealed class Content
    {
        public DateTimeOffset? Started { get; private set; }

        public Dictionary<int, ProcessDescription> Processes { get; } = [];

        public List<Sample> Samples { get; } = [];

        public List<RecordingEvent> Events { get; } = [];

        public void Add(string[] columns, CsvRecord record)
        {
            try
            {
                if (record.IsQuoteOpen) throw new FormatException("A quoted field begins in it and does not end.");
                if (record.Fields.Length != columns.Length)
                    throw new FormatException($"It has {record.Fields.Length} fields, and the first line has {columns.Length}.");
                Add(new Row(columns, record.Fields));
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
            {
                throw new RecordingFormatException($"Line {record.Line} is not of a recording: {e.Message}");
            }
        }

        private void Add(Row row)
        {
            double seconds = RecordedNumber.Seconds(Number(row[CsvColumns.Seconds]));
            Started ??= DateTimeOffset
                .Parse(row[CsvColumns.Time], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                .AddSeconds(-seconds);
            int? pid = row[CsvColumns.Pid].Length == 0 ? null : int.Parse(row[CsvColumns.Pid], CultureInfo.InvariantCulture);
            if (pid is { } p) Processes.TryAdd(p, Process(row, p, seconds));
            if (row[CsvColumns.Kind].Length > 0) Events.Add(new RecordingEvent(seconds, pid, row[CsvColumns.Kind], row[CsvColumns.Text]));
            else if (pid is { } of) Samples.Add(new Sample(seconds, of, row.Values()));
        }
    }

    private sealed class Row(string[] columns, string[] fields)
    {
        public string this[string column]
        {
            get
            {
                int index = Array.IndexOf(columns, column);
                return index >= 0 && index < fields.Length ? fields[index] : string.Empty;
            }
        }

        public string? Optional(string column) => this[column] is { Length: > 0 } text ? text : null;

        public Dictionary<string, double> Values()
        {
            var values = new Dictionary<string, double>();
            for (int i = 0; i < Math.Min(columns.Length, fields.Length); i++)
            {
                if (fields[i].Length > 0 && CsvColumns.MetricName(columns[i]) is { } name)
                    values[name] = RecordedNumber.Value(Number(fields[i]));
            }

            foreach (string part in BetweenValues().Split(this[CsvColumns.Tagged]).Where(p => p.Length > 0))
            {
                int end = part.LastIndexOf('=');
                if (end < 0) throw new FormatException($"'{part}' is no value.");
                string name = part[..end];
                if (name.EndsWith(CsvColumns.NoTag, StringComparison.Ordinal)) name = name[..^CsvColumns.NoTag.Length];
                if (!values.TryAdd(name, RecordedNumber.Value(Number(part[(end + 1)..]))))
                    throw new FormatException($"'{part[..end]}' stands there twice.");
            }

            return values;
        }
    }
}
