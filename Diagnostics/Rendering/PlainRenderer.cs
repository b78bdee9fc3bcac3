using System.Globalization;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Rounds as plain rows, one after the other: for a pipe, a file, or a terminal that can do no more.</summary>
internal sealed class PlainRenderer(TextWriter output, IReadOnlySet<string> groups) : IRoundRenderer
{
    private readonly List<ProcessDescription> _processes = [];
    private DateTimeOffset _started;

    public void Begin(RecordingHeader header) => _started = header.Started;

    public void Show(Round round)
    {
        _processes.AddRange(round.Met);
        foreach (RecordingEvent happened in round.Events.Where(e => e.Kind != EventKind.AttachedLate))
            FoldedLine.Write(output, $"{TimeAt(happened.Seconds)} {happened.Text}", "HH:mm:ss ".Length);
        if (round.Samples.Count == 0) return;
        ProcessColumn[] columns = [.. _processes.Select(p => new ProcessColumn(p, ValuesOf(p.Pid)))];
        bool hasRatio = columns.Length == 2;
        List<string[]> lines = [[TimeAt(round.Seconds), string.Empty, .. _processes.Select(p => p.Name), .. Ratio("ratio")]];
        foreach (ComparisonRow row in ComparisonRows.ByGroup(columns).Where(r => groups.Contains(r.Group)))
            lines.Add([row.Group, row.Title, .. row.Cells, .. Ratio(row.Ratio)]);
        if (lines.Count == 1) return;
        NarrowTable.Write(output, lines);
        output.WriteLine();

        IReadOnlyDictionary<string, double> ValuesOf(int pid) =>
            round.Samples.FirstOrDefault(s => s.Pid == pid)?.Values ?? new Dictionary<string, double>();

        IEnumerable<string> Ratio(string text) => hasRatio ? [text] : [];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string TimeAt(double seconds) => _started.AddSeconds(seconds).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
