using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using RawEcho.Client.Targets;
using RawEcho.Terminal;

namespace RawEcho.Client.Results;

/// <summary>
/// What came of a load run: the text, the JSON (docs/result.schema.json) and the report are made from this and nothing else. Times are in
/// nanoseconds (ending in Ns) or seconds.
/// </summary>
internal sealed record RunResult : IClientResult
{
    /// <summary>The version of the schema. It changes when a reader of the old one would be misled; members may be added without.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What every result file begins with.</summary>
    public const string FormatName = "rawecho-client-result";

    public string Format { get; init; } = FormatName;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>"run"; results of handshakes and searches are records of their own.</summary>
    public string Kind { get; init; } = "run";

    /// <summary>Tells this run from every other one; null in a result of a version that did not name them, and in a merged one.</summary>
    public Guid? Id { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The start that was agreed, and the clock; null without one.</summary>
    public StartResult? Start { get; init; }

    /// <summary>The fleet that made it, or of which a member did; null for none.</summary>
    public FleetResult? Fleet { get; init; }

    public required MachineResult Machine { get; init; }

    public required SettingsResult Settings { get; init; }

    /// <summary>What was negotiated on the first connection; null without TLS.</summary>
    public TlsResult? Tls { get; init; }

    /// <summary>How long was measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>True when the user ended the run.</summary>
    public required bool Interrupted { get; init; }

    /// <summary>True when a condition of --abort-if ended the run.</summary>
    public bool Aborted { get; init; }

    /// <summary>Messages whose whole echo came back and matched.</summary>
    public required long RoundTrips { get; init; }

    /// <summary>
    /// <see cref="RoundTrips"/> without <see cref="RoundTripsAfterEnd"/>, by <see cref="Seconds"/>; null when nothing was measured.
    /// </summary>
    public required double? RoundTripsPerSecond { get; init; }

    /// <summary>How many of <see cref="RoundTrips"/> were complete only after the end of the measurement.</summary>
    public long RoundTripsAfterEnd { get; init; }

    /// <summary>Messages that were begun and whose echo did not come back whole.</summary>
    public required long Unanswered { get; init; }

    /// <summary>
    /// Messages that were sent again on the next connection because a server closed in order and had not begun to answer them, once for
    /// each time; null where none can be (without --reconnect, in uploads and downloads, of requests), and in a result of a version that
    /// did not count them.
    /// </summary>
    public long? MessagesSentAgain { get; init; }

    public required long BytesSent { get; init; }

    public required long BytesReceived { get; init; }

    /// <summary>
    /// Application bytes that were sent by the end, as Mbit/s; null when nothing was measured, and in a result of a version that did not
    /// say it. In an upload those that the server has verified.
    /// </summary>
    public double? MbitSent { get; init; }

    /// <summary>The same of those that were received; in a download of those that were verified.</summary>
    public double? MbitReceived { get; init; }

    /// <summary>Connections on which an echo differed from what was sent.</summary>
    public required long Mismatches { get; init; }

    public required ConnectionsResult Connections { get; init; }

    /// <summary>Connections that were opened in the measurement; null where none is replaced in order.</summary>
    public ChurnResult? Churn { get; init; }

    /// <summary>What the responses were like; null where messages were echoed.</summary>
    public HttpResult? Http { get; init; }

    /// <summary>How the rate was kept; null without one.</summary>
    public RateResult? Rate { get; init; }

    /// <summary>What limited the run; null in a merged result, and in one of a version that did not say it.</summary>
    public BottleneckResult? Bottleneck { get; init; }

    /// <summary>From the moment a message was sent to the end of its echo.</summary>
    public required LatencyResult ServiceLatency { get; init; }

    /// <summary>From the moment a message was to be sent to the end of its echo; null without a rate.</summary>
    public LatencyResult? CorrectedLatency { get; init; }

    /// <summary>One entry for each second.</summary>
    public required IReadOnlyList<SecondResult> Series { get; init; }

    public required IReadOnlyList<ErrorResult> Errors { get; init; }

    /// <summary>What --fail-if asked, and behind --abort-if what held.</summary>
    public required IReadOnlyList<ConditionResult> Conditions { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>What was merged; null for a single run.</summary>
    public IReadOnlyList<MergedResult>? Merged { get; init; }

    int? IClientResult.StoppedClients => IsStopped ? Settings.Clients : null;

    private bool IsStopped =>
        Seconds == 0 && !Interrupted && Merged is null && Errors.Count > 0 && Connections.Opened < Settings.Clients;

    /// <summary>Why nothing can be said for sure by what was measured; null when it can.</summary>
    public string? Incomplete() => this switch
    {
        { Interrupted: true } => "the run was interrupted",
        { Aborted: true } => "--abort-if ended the run",
        { HasData: false } => "nothing was measured",
        _ => null,
    };

    /// <summary>Something came back.</summary>
    [JsonIgnore]
    public bool HasData => IsStream ? BytesSent + BytesReceived > 0 : RoundTrips > 0;

    /// <summary>It has neither messages nor latencies, but bytes.</summary>
    [JsonIgnore]
    public bool IsStream => Settings.Mode is "upload" or "download" or "both";

    /// <summary>The latency that a user feels: the corrected one where there is one.</summary>
    public LatencyResult Latency() => CorrectedLatency ?? ServiceLatency;
}

/// <summary>Where a run was made.</summary>
internal sealed record MachineResult(string Name, string OperatingSystem, int Processors, string Runtime)
{
    /// <summary>Name and version of the program; null in a result of a version that did not say it.</summary>
    public string? Program { get; init; }

    public static MachineResult Here() => new(
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription)
    {
        Program = ProgramVersion.Of("rawecho-client"),
    };
}

/// <summary>A server and the addresses that its name stood for.</summary>
internal sealed record ServerResult(string Name, IReadOnlyList<string> Addresses)
{
    /// <summary>Addresses that failed or did not answer while another one did.</summary>
    public IReadOnlyList<UnreachableResult> Unreachable { get; init; } = [];

    /// <summary>The servers as they were looked up.</summary>
    public static IReadOnlyList<ServerResult> Of(IEnumerable<Target> targets) =>
        [.. targets.Select(t => new ServerResult(t.ToString(), [.. t.Addresses.All.Select(a => a.ToString())])
        {
            Unreachable =
            [
                .. t.Addresses.Unreachable.Select(u => new UnreachableResult(u.Address.ToString(), u.Why, u.Instead.ToString())),
            ],
        })];
}

/// <summary>An address that failed or did not answer.</summary>
/// <param name="Address">The address.</param>
/// <param name="Why">One sentence.</param>
/// <param name="Instead">The address that answered.</param>
internal sealed record UnreachableResult(string Address, string Why, string Instead);

/// <summary>What was asked for. In a merged result what the runs do not agree in is null, or "mixed".</summary>
internal sealed record SettingsResult
{
    public required IReadOnlyList<ServerResult> Servers { get; init; }

    /// <summary>mutual, server, none or mixed.</summary>
    public required string Tls { get; init; }

    /// <summary>closed (as fast as the server answers) or open (at a rate).</summary>
    public required string Loop { get; init; }

    /// <summary>Connections.</summary>
    public required int Clients { get; init; }

    /// <summary>Messages a second over all connections; null for a closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>The rate as it changes, in place of one; null for none.</summary>
    public IReadOnlyList<StageResult>? Stages { get; init; }

    /// <summary>uniform, poisson or mixed; null for a closed loop, and in a result of a version that did not say it.</summary>
    public string? Arrivals { get; init; }

    /// <summary>Messages that one connection carries before it is replaced; null for any number.</summary>
    public long? MessagesPerConnection { get; init; }

    /// <summary>No connection offered to resume a session; null in a result of a version that did not say it.</summary>
    public bool? FullHandshakes { get; init; }

    /// <summary>Messages in flight on one connection, at most.</summary>
    public required int? Depth { get; init; }

    /// <summary>Bytes of a message, as on the command line.</summary>
    public required string Size { get; init; }

    public required long? Seed { get; init; }

    /// <summary>echo, upload, download, both, requests or mixed; null in a result of a version that did not say it.</summary>
    public string? Mode { get; init; }

    public required double? RampSeconds { get; init; }

    public required double? WarmupSeconds { get; init; }

    /// <summary>Null when the number of messages decided.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>How long a step of the time series is; null in a result of a version that did not say it.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>Null when the time decided.</summary>
    public long? Messages { get; init; }

    public required bool? Reconnect { get; init; }

    /// <summary>What each connection began with by the PROXY protocol: v1, v2, local or mixed; null for nothing.</summary>
    public string? SendProxy { get; init; }

    /// <summary>What requests were like; null where messages were echoed.</summary>
    public HttpSettingsResult? Http { get; init; }
}

/// <summary>A stage of an open loop.</summary>
/// <param name="Rate">The rate at its end, messages a second over all connections.</param>
/// <param name="Seconds">How long the rate takes to get there; 0 for a jump.</param>
internal sealed record StageResult(double Rate, double Seconds);

/// <summary>What was negotiated.</summary>
internal sealed record TlsResult(string Protocol, string CipherSuite);

/// <summary>Connections of a run, counts.</summary>
/// <param name="Opened">Handshakes completed, replacements included.</param>
/// <param name="Lost">Connections that ended before they should.</param>
/// <param name="Replaced">How many of those were replaced (--reconnect).</param>
internal sealed record ConnectionsResult(long Opened, long Lost, long Replaced);

/// <summary>How a rate was kept.</summary>
/// <param name="Asked">Messages a second; with stages their mean over what is measured.</param>
/// <param name="Late">Messages that were sent more than <paramref name="LateAfterNs"/> after their time.</param>
/// <param name="LateAfterNs">What late means.</param>
/// <param name="Unsent">Messages that were due and never sent. Where their connection was open to the end, the corrected latency holds
/// the time they had waited.</param>
internal sealed record RateResult(double Asked, long Late, long LateAfterNs, long Unsent)
{
    /// <summary>Why messages were late; null in a result of a version that did not know it.</summary>
    public LateResult? LateBecause { get; init; }

    /// <summary>Why messages were not sent; null as the one before.</summary>
    public LateResult? UnsentBecause { get; init; }

    /// <summary>Both together; all zero where it is not known.</summary>
    public LateResult Causes() => (LateBecause ?? LateResult.None).Plus(UnsentBecause ?? LateResult.None);
}

/// <summary>Messages by what kept them from being sent in time, counts.</summary>
/// <param name="Client">There was room, and the client came too late.</param>
/// <param name="NoRoom">All places in flight were taken.</param>
/// <param name="BlockedSend">The send before it blocked.</param>
/// <param name="NoConnection">Their connection was lost.</param>
internal sealed record LateResult(long Client, long NoRoom, long BlockedSend, long NoConnection)
{
    public static LateResult None { get; } = new(0, 0, 0, 0);

    public LateResult Plus(LateResult other) => new(
        Client + other.Client, NoRoom + other.NoRoom, BlockedSend + other.BlockedSend, NoConnection + other.NoConnection);
}

/// <summary>What went wrong, by kind.</summary>
/// <param name="Kind">In two or three words.</param>
/// <param name="Count">How many attempts to connect failed by it, or connections: with --reconnect a client may have several.</param>
/// <param name="First">The first example, one sentence or two.</param>
/// <param name="ExitCode">The exit code that stands for it.</param>
internal sealed record ErrorResult(string Kind, long Count, string First, int ExitCode)
{
    /// <summary>How many clients it happened to; null in a result of a version that did not count them.</summary>
    public long? Clients { get; init; }
}

/// <summary>A condition of --fail-if or --abort-if and what came of it.</summary>
/// <param name="Condition">As on the command line.</param>
/// <param name="Actual">The value that was measured, as the text shows it; null when there is none.</param>
/// <param name="Met">True when it holds, and the run has failed by it; null when it cannot be decided: the run has not passed it.</param>
internal sealed record ConditionResult(string Condition, string? Actual, bool? Met)
{
    /// <summary>--fail-if or --abort-if.</summary>
    public string Option { get; init; } = "--fail-if";

    /// <summary>The second of the measurement at which it ended the run; null when it ended none.</summary>
    public long? EndedAtSeconds { get; init; }

    /// <summary>Why it cannot be decided, a few words; null when it can.</summary>
    public string? Undecided { get; init; }
}

/// <summary>What a condition looks at.</summary>
/// <param name="Value">Latencies in nanoseconds; null when it was not measured.</param>
/// <param name="Of">How many there were in all, of which the value is a part; null for what is no part of anything.</param>
internal readonly record struct MetricValue(double? Value, double? Of = null);

/// <summary>A run that was merged.</summary>
internal sealed record MergedResult(string File, string Machine, DateTimeOffset StartedAt, double Seconds, long RoundTrips)
{
    /// <summary>As in the run's own result.</summary>
    public Guid? Id { get; init; }

    /// <summary>What it came to as a member of a fleet; null for none.</summary>
    public FleetMemberResult? FleetMember { get; init; }

    /// <summary>True when another result holds the same run.</summary>
    public bool IsSameRunAs(MergedResult other) => Id is not null && other.Id is not null
        ? Id == other.Id
        : (Machine, StartedAt, Seconds, RoundTrips) == (other.Machine, other.StartedAt, other.Seconds, other.RoundTrips);
}
