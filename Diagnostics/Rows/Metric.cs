namespace RawEcho.Diagnostics.Rows;

/// <summary>How a value is written for a person.</summary>
internal enum MetricFormat
{
    /// <summary>A count: 1,234.</summary>
    Count,

    /// <summary>A number per second: 1,234 /s.</summary>
    Rate,

    /// <summary>Percent: 12.3 %.</summary>
    Percent,

    /// <summary>Bytes, written as KB, MB or GB of 1,024.</summary>
    Bytes,

    /// <summary>Bytes per second, likewise.</summary>
    ByteRate,

    /// <summary>Seconds, written as us, ms or s.</summary>
    Duration,

    /// <summary>Seconds, written as 1:02:03.</summary>
    Uptime,

    /// <summary>A number in whatever unit a program gives it: 12.5 Cel.</summary>
    Amount,
}

/// <summary>How the values of a whole recording become one figure.</summary>
internal enum Aggregation
{
    /// <summary>The mean of all samples.</summary>
    Mean,

    /// <summary>The largest sample.</summary>
    Max,

    /// <summary>The last sample.</summary>
    Last,
}

/// <summary>
/// One row: what it is called, in what unit its values are, and how it is shown. Values are doubles in <see cref="Unit"/>.
/// </summary>
/// <param name="Name">Stable identifier, as in recordings: cpu.percent.</param>
/// <param name="Title">As in tables: "CPU, one core".</param>
/// <param name="Unit">UCUM code: "%", "By", "By/s", "s", "{thread}", "{collection}/s".</param>
/// <param name="Group">One of <see cref="MetricGroup"/>.</param>
/// <param name="Format">How a value is written.</param>
/// <param name="Aggregation">How the values of a whole recording become one figure.</param>
internal sealed record Metric(string Name, string Title, string Unit, string Group, MetricFormat Format, Aggregation Aggregation)
{
    /// <summary>
    /// True when a sample has one value per tag, under Name[tag]: the busiest threads by thread name, failed handshakes by reason.
    /// </summary>
    public bool IsTagged { get; init; }

    /// <summary>
    /// True for an instrument or a counter that the user names, see <see cref="NamedMetric"/>: a sample can have its value without a tag
    /// too.
    /// </summary>
    public bool IsNamed { get; init; }

    /// <summary>False where the ratio of two processes says nothing.</summary>
    public bool HasRatio { get; init; } = true;

    /// <summary>The name in a recording of the value for one tag.</summary>
    public string WithTag(string tag) => $"{Name}[{tag}]";

    /// <summary>The tag of a name such as threads.busiest[.NET Sockets]; null when it is no value of this row, or has no tag.</summary>
    public string? TagOf(string name) =>
        IsTagged && name.Length > Name.Length + 2 && name.StartsWith(Name, StringComparison.Ordinal) && name[Name.Length] == '['
            && name[^1] == ']'
            ? name[(Name.Length + 1)..^1]
            : null;
}

/// <summary>The groups of rows, in the order of the table.</summary>
internal static class MetricGroup
{
    public const string Process = "process";
    public const string Cpu = "CPU";
    public const string Memory = "memory";
    public const string Threads = "threads";
    public const string Gc = "GC";
    public const string Sockets = "sockets";
    public const string Tls = "TLS";
    public const string Echo = "echo";
    public const string Http = "HTTP";
    public const string Kestrel = "Kestrel";
    public const string Dns = "DNS";
    public const string Efficiency = "efficiency";
    public const string Meters = "meters";
    public const string Counters = "counters";

    public static IReadOnlyList<string> All { get; } =
        [Process, Cpu, Memory, Threads, Gc, Sockets, Tls, Echo, Http, Kestrel, Dns, Efficiency, Meters, Counters];
}
