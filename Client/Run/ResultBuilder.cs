using System.Diagnostics;
using System.Globalization;
using RawEcho.Client.Bottlenecks;
using RawEcho.Client.Http;
using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Streams;

namespace RawEcho.Client.Run;

/// <summary>Makes a result of a session that has ended.</summary>
internal static class ResultBuilder
{
    public static RunResult Build(LoadSession session, bool interrupted)
    {
        LoadTotals totals = session.Totals;
        double seconds = session.Elapsed.TotalSeconds;
        long lost = session.Slots.Sum(s => s.Lost);
        var result = new RunResult
        {
            Id = Guid.NewGuid(),
            StartedAt = session.StartedAt ?? DateTimeOffset.UtcNow,
            Machine = MachineResult.Here(),
            Settings = Settings(session.Settings, session.Targets),
            Tls = session.Slots[0].Tls is { } tls ? new TlsResult(tls.Protocol.ToString(), tls.CipherSuite.ToString()) : null,
            Seconds = seconds,
            Interrupted = interrupted,
            RoundTrips = totals.RoundTrips,
            RoundTripsPerSecond = seconds > 0 ? (totals.RoundTrips - totals.AfterEnd) / seconds : null,
            RoundTripsAfterEnd = totals.AfterEnd,
            Unanswered = session.Slots.Sum(s => s.BegunMeasured) - totals.RoundTrips,
            MessagesSentAgain =
                session.Settings is { Reconnect: true, Http: null, Mode: StreamMode.Echo } ? totals.SentAgain : null,
            BytesSent = session.Bytes.Sent,
            BytesReceived = session.Bytes.Received,
            MbitSent = BitRate.Of(session.BytesByTheEnd.Sent, seconds),
            MbitReceived = BitRate.Of(session.BytesByTheEnd.Received, seconds),
            Mismatches = session.Slots.Sum(s => s.Mismatches),
            Connections = new ConnectionsResult(session.Run.Ready, lost, session.Slots.Sum(s => s.Replaced)),
            Churn = session.Churn?.ToResult(),
            Http = session.Settings.Http is null ? null : HttpResult.Of(session.Responses),
            Rate = session.Settings.Shape.OwnMeanRate is { } rate
                ? Rate(rate, totals.Late, session)
                : null,
            ServiceLatency = LatencyResult.Of(totals.Service),
            CorrectedLatency = totals.Corrected is { } corrected ? LatencyResult.Of(corrected) : null,
            Series = session.Series,
            Errors = session.Failures.ToResults(),
            Conditions = [],
            ExitCode = Verdict.ExitCodeOf(session.Failures, interrupted),
        };
        return result with { Bottleneck = BottleneckFinder.Of(result, session.Used) };
    }

    /// <summary>
    /// What a run has measured by now, as far as conditions ask for it. What is on its way is neither answered nor unanswered, and a
    /// message that has been due for longer than <see cref="LoadRecorder.InTime"/> and waits counts as not sent.
    /// </summary>
    /// <param name="session">A run that is being measured; its steps are not taken meanwhile.</param>
    /// <param name="now">The time, ticks of Stopwatch; in the measurement.</param>
    public static RunResult SoFar(LoadSession session, long now)
    {
        // Begun before in flight before answered: what changes in between makes too few of them unanswered, and never too many.
        long settled = session.Slots.Sum(s => s.BegunMeasured - s.Client.InFlight);
        LoadTotals totals = session.Run.Totals();
        double seconds = Stopwatch.GetElapsedTime(session.Run.MeasureFrom, now).TotalSeconds;
        (long sent, long received) = session.BytesSoFar;
        long due = now - LoadRun.Ticks(LoadRecorder.InTime);
        long unsent = session.Slots.Sum(s => s.Open?.CountUnsent(due) ?? 0);
        return Build(session, interrupted: false) with
        {
            Seconds = seconds,
            RoundTrips = totals.RoundTrips,
            RoundTripsPerSecond = totals.RoundTrips / seconds,
            Unanswered = Math.Max(0, settled - totals.RoundTrips),
            MbitSent = BitRate.Of(sent, seconds),
            MbitReceived = BitRate.Of(received, seconds),
            Rate = session.Settings.Shape.OwnMeanRate is { } rate
                ? new RateResult(rate, totals.Late.Total, (long)LoadRecorder.InTime.TotalNanoseconds, unsent)
                : null,
            ServiceLatency = LatencyResult.Of(totals.Service),
            CorrectedLatency = totals.Corrected is { } corrected ? LatencyResult.Of(corrected) : null,
        };
    }

    private static RateResult Rate(double asked, LateCounts late, LoadSession session) =>
        new(asked, late.Total, (long)LoadRecorder.InTime.TotalNanoseconds, session.Unsent.Total + session.UnsentByLoss)
        {
            LateBecause = new LateResult(late.Client, late.NoRoom, late.BlockedSend, NoConnection: 0),
            UnsentBecause = new LateResult(
                session.Unsent.Client, session.Unsent.NoRoom, session.Unsent.BlockedSend, session.UnsentByLoss),
        };

    /// <summary>What was asked for.</summary>
    public static SettingsResult Settings(SessionSettings settings, IReadOnlyList<Target> targets)
    {
        LoadShape shape = settings.Shape;
        return new SettingsResult
        {
            Servers = ServerResult.Of(targets),
            Tls = settings.Targets.Tls.Level.ToString().ToLowerInvariant(),
            Loop = shape.IsOpen ? "open" : "closed",
            Clients = shape.Clients,
            Rate = shape.Rate is { } rate ? shape.Share.Of(rate) : null,
            Stages = shape.Stages is { } stages
                ? [.. stages.All.Select(s => new StageResult(shape.Share.Of(s.Rate), s.Time.TotalSeconds))]
                : null,
            Arrivals = !shape.IsOpen ? null : shape.IsPoisson ? "poisson" : "uniform",
            MessagesPerConnection = shape.MessagesPerConnection,
            FullHandshakes = settings.FullHandshakes,
            Depth = shape.Depth,
            Size = settings switch
            {
                { Mode: not StreamMode.Echo } => StreamPattern.Block.ToString(CultureInfo.InvariantCulture),
                { Http.HasBody: false } => "0",
                _ => shape.Sizes.Text,
            },
            Mode = settings.Http is null ? settings.Mode.ToString().ToLowerInvariant() : "requests",
            Seed = shape.Seed,
            RampSeconds = shape.Ramp.TotalSeconds,
            WarmupSeconds = shape.Warmup.TotalSeconds,
            DurationSeconds = shape.Duration?.TotalSeconds,
            IntervalSeconds = settings.Step.TotalSeconds,
            Messages = shape.OwnMessages,
            Reconnect = settings.Reconnect,
            SendProxy = SendProxyOption.NameOf(settings.Targets.SendProxy),
            Http = settings.Http is { } http ? Http(http, targets) : null,
        };
    }

    private static HttpSettingsResult Http(HttpShape shape, IReadOnlyList<Target> targets)
    {
        bool isEcho = shape.HasBody && targets.All(t => t.Url is { IsEcho: true });
        string version = shape.Request.Http == HttpChoice.Http2 ? "2" : "1.1";
        return new HttpSettingsResult(version, shape.Request.Method.Method, shape.KeepAlive, isEcho ? "echo" : "length");
    }
}
