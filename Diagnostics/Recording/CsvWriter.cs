using System.Buffers;
using System.Globalization;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Recording;

/// <summary>
/// A recording as CSV (RFC 4180): one line per moment and process, an empty field for what is absent. Events are lines without
/// values. The machine and the interval are not in it: JSON lines hold everything.
/// </summary>
internal sealed class CsvWriter(RecordingFile output) : RecordingWriter(output)
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");

    private readonly Dictionary<int, ProcessDescription> _processes = [];
    private DateTimeOffset _started;

    public override void Write(RecordingHeader header)
    {
        _started = header.Started;
        Line(CsvColumns.All);
    }

    public override void Write(ProcessDescription process) => _processes[process.Pid] = process;

    public override void Write(Sample sample)
    {
        IEnumerable<string> tagged = sample.Values
            .Where(v => v.Key.Contains('[', StringComparison.Ordinal) || NamedMetric.Find(v.Key) is not null)
            .Select(v => $"{v.Key}{(v.Key.EndsWith(']') ? string.Empty : CsvColumns.NoTag)}={Number(v.Value)}");
        Line(
        [
            .. Who(sample.Seconds, sample.Pid),
            .. CsvColumns.Metrics.Select(m =>
                sample.Values.TryGetValue(m.Name, out double value) && double.IsFinite(value) ? Number(value) : string.Empty),
            string.Join("; ", tagged), string.Empty, string.Empty,
        ]);
    }

    public override void Write(RecordingEvent happened) => Line(
    [
        .. Who(happened.Seconds, happened.Pid),
        .. CsvColumns.Metrics.Select(_ => string.Empty),
        string.Empty, happened.Kind, happened.Text,
    ]);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny(NeedQuotes) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private IEnumerable<string> Who(double seconds, int? pid)
    {
        ProcessDescription? process = pid is { } p ? _processes.GetValueOrDefault(p) : null;
        return
        [
            _started.AddSeconds(seconds).ToString("O", CultureInfo.InvariantCulture),
            Number(seconds),
            pid?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
            process?.Name ?? string.Empty,
            process?.Description ?? string.Empty,
            process?.Role ?? string.Empty,
            process?.Runtime ?? string.Empty,
            process?.GcMode ?? string.Empty,
        ];
    }

    private void Line(IEnumerable<string> fields) => Output.WriteLine(string.Join(',', fields.Select(Quote)));
}
