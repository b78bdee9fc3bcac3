namespace RawEcho.Diagnostics.Recording;

/// <summary>A whole recording in memory.</summary>
/// <param name="Header">When, how often, where.</param>
/// <param name="Processes">The processes that were watched, in the order in which they were attached to. Each PID once.</param>
/// <param name="Samples">All samples, in the order in which they were taken.</param>
/// <param name="Events">What happened beside the samples.</param>
internal sealed record RecordingData(
    RecordingHeader Header,
    IReadOnlyList<ProcessDescription> Processes,
    IReadOnlyList<Sample> Samples,
    IReadOnlyList<RecordingEvent> Events)
{
    /// <summary>The last line, from 1, when the file ends before it does: it is left out. Null when the recording is whole.</summary>
    public int? CutLine { get; init; }

    /// <summary><see cref="CutLine"/> as a sentence; null when the recording is whole.</summary>
    public string? CutNote => CutLine is { } line
        ? $"The recording ends in the middle of line {line} (it was cut off, or is still being written): "
            + "this line was left out, everything before it was read."
        : null;

    /// <summary>The values of a row over time for one process: absent ones are left out. Seconds since the start, and the value.</summary>
    public IEnumerable<(double Seconds, double Value)> Series(int pid, string name)
    {
        foreach (Sample sample in Samples)
        {
            if (sample.Pid == pid && sample.Values.TryGetValue(name, out double value)) yield return (sample.Seconds, value);
        }
    }
}

/// <summary>The first line of a recording.</summary>
/// <param name="Started">When the recording began.</param>
/// <param name="Interval">Between samples.</param>
/// <param name="Machine">Where; null when the file does not say (CSV).</param>
/// <param name="Tool">Name and version of what wrote it; null when the file does not say.</param>
internal sealed record RecordingHeader(DateTimeOffset Started, TimeSpan Interval, Machine? Machine, string? Tool)
{
    public const string Schema = "rawecho-recording";
    public const int Version = 1;
}

/// <summary>The machine of a recording.</summary>
/// <param name="Host">Its name.</param>
/// <param name="System">Operating system, in words.</param>
/// <param name="Processors">Logical processors, count.</param>
/// <param name="MemoryBytes">Physical memory, bytes; null when unknown.</param>
internal sealed record Machine(string Host, string System, int Processors, long? MemoryBytes);

/// <summary>The description of a process; null where a value is not known.</summary>
internal sealed record ProcessDescription
{
    public required int Pid { get; init; }

    /// <summary>The program: rawecho-server. Never a path.</summary>
    public required string Name { get; init; }

    /// <summary>For people: the role of a RawEcho program, or the name of another's main assembly.</summary>
    public required string Description { get; init; }

    /// <summary>"server" or "client" for a RawEcho program; null for others.</summary>
    public string? Role { get; init; }

    /// <summary>".NET 10.0.12".</summary>
    public string? Runtime { get; init; }

    /// <summary>"workstation", "server", with ", concurrent" or ", non-concurrent".</summary>
    public string? GcMode { get; init; }

    /// <summary>The user that runs it.</summary>
    public string? User { get; init; }

    /// <summary>When it started.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>How it was started; arguments as the system shows them.</summary>
    public string? CommandLine { get; init; }

    /// <summary>When it was attached to, in seconds since the start of the recording.</summary>
    public double Seconds { get; init; }
}

/// <summary>The values of one process at one moment.</summary>
/// <param name="Seconds">Since the start of the recording.</param>
/// <param name="Pid">Whose they are.</param>
/// <param name="Values">By name of the row, with its tag if it has one. What the process does not give is not there.</param>
internal sealed record Sample(double Seconds, int Pid, IReadOnlyDictionary<string, double> Values);

/// <summary>Something that happened beside the samples.</summary>
/// <param name="Seconds">Since the start of the recording.</param>
/// <param name="Pid">The process that it is about; null for all.</param>
/// <param name="Kind">One of <see cref="EventKind"/>; a reader passes over one that it does not know.</param>
/// <param name="Text">One sentence.</param>
internal sealed record RecordingEvent(double Seconds, int? Pid, string Kind, string Text);

/// <summary>Kinds of <see cref="RecordingEvent"/>.</summary>
internal static class EventKind
{
    /// <summary>The process ended; the others go on.</summary>
    public const string Ended = "ended";

    /// <summary>The process was already running when it was attached to: earlier counts are known only where it reports totals.</summary>
    public const string AttachedLate = "attached-late";

    /// <summary>Some rows are missing, or not to be trusted; the text says which and why.</summary>
    public const string Warning = "warning";
}
