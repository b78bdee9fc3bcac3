using System.Globalization;
using RawEcho.Charts;
using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Report;

/// <summary>Puts a recording on a page: the comparison first, as Process Explorer would show it, then the charts, then every row.</summary>
internal static class RecordingPage
{
    /// <summary>The page.</summary>
    /// <param name="recording">At least one sample.</param>
    /// <param name="tool">Name and version of the program that writes the page.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(RecordingData recording, string tool, DateTimeOffset written)
    {
        RecordedProcess[] processes =
            [.. recording.Processes.Select((p, i) => new RecordedProcess(recording, p, i)).Where(p => p.Samples > 0)];
        IReadOnlyList<RecordingEvent> events = [.. recording.Events.OrderBy(e => e.Seconds)];
        var charts = new RecordingCharts(processes, events);
        var tables = new RecordingTables(processes);
        return new ReportPage
        {
            Title = Title(processes),
            Lead = Lead(recording, processes),
            Generator = tool,
            Written = written,
            Sections =
            [
                new NoteSection("Incomplete recording", recording.CutNote is { } note ? [note] : []),
                tables.Comparison(),
                new ChartSection("Over time", charts.All()),
                new NoteSection("Events", [.. events.Select(e => Event(e, processes))], IsNumbered: true),
                tables.EveryRow(),
                new NoteSection("How to read it", [.. Explanations(recording, processes, events.Count, charts)]),
            ],
        };
    }

    private static string Title(RecordedProcess[] processes)
    {
        string[] names = [.. processes.Select(p => p.Process.Name).Distinct()];
        return names.Length <= 3 ? string.Join(" and ", names) : FormattableString.Invariant($"{processes.Length} processes");
    }

    private static string Lead(RecordingData recording, RecordedProcess[] processes)
    {
        RecordingHeader header = recording.Header;
        string memory = header.Machine?.MemoryBytes is { } bytes ? $", {Unit.Bytes.Format(bytes)}" : string.Empty;
        string machine = header.Machine is { } m ? $" on {m.Host} ({m.System}, {m.Processors} processors{memory})" : string.Empty;
        string started = header.Started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        double length = recording.Samples.Max(s => s.Seconds);
        string count = processes.Length == 1 ? "1 process" : $"{processes.Length} processes";
        string every = header.Interval > TimeSpan.Zero
            ? FormattableString.Invariant($", a sample every {header.Interval.TotalSeconds:0.##} s")
            : string.Empty;
        return FormattableString.Invariant($"{count}{machine}, recorded from {started} for {length:0.#} s{every}.");
    }

    private static string Event(RecordingEvent happened, RecordedProcess[] processes)
    {
        // Many a sentence names its process already.
        string who = Array.Find(processes, p => p.Process.Pid == happened.Pid) is { } process
            && !happened.Text.Contains($"({process.Process.Pid})", StringComparison.Ordinal)
            ? $"{process.Name}: "
            : string.Empty;
        return FormattableString.Invariant($"At {happened.Seconds:0.0} s, {who}{happened.Text}");
    }

    private static IEnumerable<string> Explanations(
        RecordingData recording, RecordedProcess[] processes, int events, RecordingCharts charts)
    {
        yield return "Behind the name of a row stands what its figure is: the mean of all samples, the largest one, or the last one.";
        yield return "“–” and a gap in a line: the process did not give this value. It is not zero.";
        string cores = recording.Header.Machine is { } m ? $"; this machine has {m.Processors}" : string.Empty;
        yield return $"100 % of CPU is one core{cores}. 1 KB is 1,024 bytes.";
        if (processes.Length == 2) yield return $"The ratio is {processes[1].Name} to {processes[0].Name}.";
        if (events > 0) yield return "A dotted line across a chart is an event, by its number.";
        if (charts.HasDashes) yield return "A dashed line has the colour of its process, and belongs to the solid one beside it.";
        if (charts.Left.Count > 0)
            yield return $"No process gave values for these charts, so they are left out: {string.Join(", ", charts.Left)}.";
    }
}
