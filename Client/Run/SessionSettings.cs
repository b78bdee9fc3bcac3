using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Streams;

namespace RawEcho.Client.Run;

/// <summary>All that a load session needs to know.</summary>
internal sealed record SessionSettings
{
    public required TargetSettings Targets { get; init; }

    public required LoadShape Shape { get; init; }

    /// <summary>What requests are like; null for messages that are echoed.</summary>
    public HttpShape? Http { get; init; }

    /// <summary>What is done with a connection that has no requests.</summary>
    public StreamMode Mode { get; init; } = StreamMode.Echo;

    /// <summary>How long a step of the time series is.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the last echoes may take once the run is over.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>How long a connection may stay without any data while an echo is owed.</summary>
    public required TimeSpan EchoTimeout { get; init; }

    /// <summary>
    /// The same as long as no echo has come at all: who asks something that does not echo is to know soon. Requests have
    /// <see cref="EchoTimeout"/>.
    /// </summary>
    public required TimeSpan FirstEchoTimeout { get; init; }

    /// <summary>Takes the latencies of every second; null when nobody asked for them.</summary>
    public IntervalLog? Intervals { get; init; }

    /// <summary>No connection offers to resume a TLS session.</summary>
    public bool FullHandshakes { get; init; }

    /// <summary>Connections are replaced in order while the run goes on.</summary>
    public bool IsChurning => Shape.MessagesPerConnection is not null || Http is { KeepAlive: false };

    /// <summary>Replace connections that are lost.</summary>
    public bool Reconnect { get; init; }

    /// <summary>Keep what every handshake came to, not just the first.</summary>
    public bool DescribeAll { get; init; }

    /// <summary>
    /// Connections that the run may open, as far as that is known before: each leaves its port to rest for a while (TIME_WAIT).
    /// </summary>
    public int PortsNeeded()
    {
        if (!IsChurning) return Shape.Clients;
        long each = Http is { KeepAlive: false } ? 1 : Shape.MessagesPerConnection!.Value;
        double seconds = (Shape.Ramp + Shape.Warmup + (Shape.Duration ?? TimeSpan.Zero)).TotalSeconds;
        // As fast as the server answers: how fast that is will be known afterwards. More addresses than are needed cost nothing.
        double messages = Shape.OwnMessages ?? (Shape.IsOpen ? Shape.OwnPeakRate * seconds : double.PositiveInfinity);
        return (int)Math.Min(Shape.Clients + (messages / each), int.MaxValue);
    }
}
