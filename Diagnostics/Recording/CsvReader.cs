using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RawEcho.Diagnostics.Recording;

/// <summary>Reads what <see cref="CsvWriter"/> writes; columns may stand in any order, and ones that it does not know are passed over.</summary>
internal static partial class CsvReader
{
    // A tag is whatever a thread is called: only behind a number does a value end.
    [GeneratedRegex(@"(?<=\]=[^\];= ]+); ")]
    private static partial Regex BetweenValues();

    /// <exception cref="RecordingFormatException">It is no recording.</exception>
    public static RecordingData Read(TextReader input)
    {
        string[] columns = Fields(input) ?? throw new RecordingFormatException("It is empty.");
        foreach (string needed in new[] { CsvColumns.Time, CsvColumns.Seconds, CsvColumns.Pid })
        {
            if (!columns.Contains(needed)) throw new RecordingFormatException($"It is neither JSON lines nor CSV of a recording: it has no column '{needed}'.");
        }

        // Which of the two would count is anyone's guess.
        if (columns.GroupBy(c => c).FirstOrDefault(g => g.Skip(1).Any()) is { } twice) throw new RecordingFormatException($"It has the column '{twice.Key}' twice.");

        var processes = new Dictionary<int, ProcessDescription>();
        List<Sample> samples = [];
        List<RecordingEvent> events = [];
        DateTimeOffset? started = null;
        for (int number = 2; Fields(input) is { } fields; number++)
        {
            if (fields is [""]) continue;
            try
            {
                var row = new Row(columns, fields);
                double seconds = RecordedNumber.Seconds(Number(row[CsvColumns.Seconds]));
                started ??= DateTimeOffset.Parse(row[CsvColumns.Time], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).AddSeconds(-seconds);
                int? pid = row[CsvColumns.Pid].Length == 0 ? null : int.Parse(row[CsvColumns.Pid], CultureInfo.InvariantCulture);
                if (pid is { } p) processes.TryAdd(p, Process(row, p, seconds));
                if (row[CsvColumns.Kind].Length > 0) events.Add(new RecordingEvent(seconds, pid, row[CsvColumns.Kind], row[CsvColumns.Text]));
                else if (pid is { } of) samples.Add(new Sample(seconds, of, row.Values()));
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
            {
                throw new RecordingFormatException($"Line {number} is not of a recording: {e.Message}");
            }
        }

        return new RecordingData(new RecordingHeader(started ?? default, IntervalOf(samples), null, null), [.. processes.Values], samples, events);
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

    // One record, which goes over several lines when a quoted field does; null at the end.
    private static string[]? Fields(TextReader input)
    {
        if (input.Peek() < 0) return null;
        List<string> fields = [];
        var field = new StringBuilder();
        bool quoted = false;
        while (true)
        {
            int c = input.Read();
            if (quoted)
            {
                if (c < 0) throw new RecordingFormatException("It ends within a quoted field.");
                if (c != '"') field.Append((char)c);
                else if (input.Peek() == '"') field.Append((char)input.Read());
                else quoted = false;
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is ',' or '\n' or < 0)
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c != ',') return [.. fields];
            }
            else if (c != '\r')
            {
                field.Append((char)c);
            }
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
                if (fields[i].Length > 0 && CsvColumns.MetricName(columns[i]) is { } name) values[name] = RecordedNumber.Value(Number(fields[i]));
            }

            foreach (string part in BetweenValues().Split(this[CsvColumns.Tagged]).Where(p => p.Length > 0))
            {
                int end = part.LastIndexOf('=');
                if (end < 0) throw new FormatException($"'{part}' is no value.");
                if (!values.TryAdd(part[..end], RecordedNumber.Value(Number(part[(end + 1)..])))) throw new FormatException($"'{part[..end]}' stands there twice.");
            }

            return values;
        }
    }
}
