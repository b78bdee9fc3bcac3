using System.Diagnostics;
using System.Net;
using RawEcho.Client.Http;
using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Handshake;

/// <summary>
/// Handshakes of one kind: as many at a time as asked for, one after the other without a pause; or, with a rate, each at its own time.
/// </summary>
/// <param name="client">Opens the connections.</param>
/// <param name="settings">What was asked for.</param>
/// <param name="targets">The servers.</param>
/// <param name="sources">Local addresses, in turn; empty for what the system chooses.</param>
/// <param name="resume">True to resume sessions.</param>
/// <param name="failures">Takes what goes wrong.</param>
internal sealed class HandshakePhase(
    EngineClient client, HandshakeSettings settings, IReadOnlyList<Target> targets, IReadOnlyList<IPAddress> sources, bool resume,
    FailureList failures)
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    // One object for each server: its connections resume each other's sessions, where they may.
    private readonly TlsClientOptions[] _tls =
    [
        .. targets.Select(t => settings.Targets.Tls.ForClient(t.ServerName) with
        {
            AllowResumption = resume,
            ApplicationProtocols = settings.Request?.Http.Protocols() ?? [],
        }),
    ];

    private readonly Lock _lock = new();
    private readonly LatencyHistogram _handshake = new();
    private readonly LatencyHistogram _total = new();
    private readonly LatencyHistogram _corrected = new();
    private LateCounts _late;
    private LateCounts _unsent;
    private readonly HttpCounts _responses = new();
    private long _begun;
    private long _done;
    private long _resumed;
    private long _startedAt;
    private TimeSpan _elapsed;

    /// <summary>Handshakes done so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Since the phase began to count; zero before.</summary>
    public TimeSpan Elapsed => Volatile.Read(ref _startedAt) is not 0 and var started ? Stopwatch.GetElapsedTime(started) : TimeSpan.Zero;

    /// <summary>What was negotiated on the first connection.</summary>
    public TlsResult? Negotiated { get; private set; }

    /// <summary>Runs until the time is over, the number is reached, something fails, or the user wants no more.</summary>
    public async Task RunAsync(Task stop)
    {
        using var giveUp = new CancellationTokenSource();
        Task all = RunAllAsync(stop, giveUp.Token);
        // Whoever is still connecting then gives up; a handshake that has begun is completed, but a user who wants no more does not wait
        // for a server that says nothing.
        await Task.WhenAny(all, stop, failures.First);
        await giveUp.CancelAsync();
        if (stop.IsCompleted) await client.StopAsync(LongestFarewell);
        await all;
    }

    public HandshakePhaseResult ToResult() => new()
    {
        Seconds = _elapsed.TotalSeconds,
        Handshakes = _done,
        HandshakesPerSecond = _elapsed > TimeSpan.Zero ? _done / _elapsed.TotalSeconds : null,
        ReallyResumed = _resumed,
        HandshakeLatency = LatencyResult.Of(_handshake),
        TotalLatency = LatencyResult.Of(_total),
        CorrectedLatency = settings.Rate is null ? null : LatencyResult.Of(_corrected),
        Rate = settings.Rate is { } rate ? Kept(rate) : null,
        Http = settings.Request is null ? null : HttpResult.Of(_responses),
    };

    private async Task RunAllAsync(Task stop, CancellationToken giveUp)
    {
        // The first one brings the session that the others resume, and finds out which address answers. It is counted only if it fails.
        IEnumerable<int> unknown = Enumerable.Range(0, targets.Count)
            .Where(i => resume || targets[i].Addresses is { All.Count: > 1, Answering: null });
        await Task.WhenAll(unknown.Select(i => AttemptAsync(i, worker: i % settings.Clients, isMeasured: false, stop, giveUp)));
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        if (settings.Rate is null) await Task.WhenAll(Enumerable.Range(0, settings.Clients).Select(i => WorkAsync(i, stop, giveUp)));
        else await PaceAsync(stop, giveUp);
        _elapsed = Elapsed;
    }

    private async Task PaceAsync(Task stop, CancellationToken giveUp)
    {
        using var pacer = new HandshakePacer(
            settings,
            (number, due) => AttemptAsync(number, (int)(number % settings.Clients), isMeasured: true, stop, giveUp, due),
            () => stop.IsCompleted || failures.Count > 0);
        // What was not begun has waited that long at least: to leave it out would make a server that is too slow look better.
        await pacer.RunAsync(_startedAt, waited =>
        {
            lock (_lock) _corrected.Record(Nanoseconds(waited));
        });
        (_late, _unsent) = (pacer.Late, pacer.Unsent);
    }

    private RateResult Kept(double rate) => new(rate, _late.Total, (long)LoadRecorder.InTime.TotalNanoseconds, _unsent.Total)
    {
        LateBecause = new LateResult(_late.Client, _late.NoRoom, BlockedSend: 0, NoConnection: 0),
        UnsentBecause = new LateResult(_unsent.Client, _unsent.NoRoom, BlockedSend: 0, NoConnection: 0),
    };

    private static long Nanoseconds(long ticks) => (long)Stopwatch.GetElapsedTime(0, ticks).TotalNanoseconds;

    private async Task WorkAsync(int worker, Task stop, CancellationToken giveUp)
    {
        while (!stop.IsCompleted && failures.Count == 0 && (settings.Duration is not { } duration || Elapsed < duration))
        {
            long number = Interlocked.Increment(ref _begun) - 1;
            if (number >= settings.Count) return;
            await AttemptAsync(number, worker, isMeasured: true, stop, giveUp);
        }
    }

    private async Task AttemptAsync(long number, int worker, bool isMeasured, Task stop, CancellationToken giveUp, long? due = null)
    {
        int index = (int)(number % targets.Count);
        int turn = (int)(number / targets.Count % int.MaxValue);
        var attempt = new HandshakeAttempt(settings);
        try
        {
            await attempt.RunAsync(client, targets[index], _tls[index], family => SourceAddresses.For(sources, turn, family), giveUp);
            // What the stop has cut off is no failure.
            if (attempt.Failure is { } failure && !stop.IsCompleted) failures.Add(failure, worker);
            else if (isMeasured && attempt.Failure is null) Record(attempt, due);
        }
        catch (ConnectException e)
        {
            if (!stop.IsCompleted) failures.Add(ClientFailure.Of(e), worker);
        }
        catch (OperationCanceledException)
        {
            // The user wants no more, or another one has failed: this one has not begun.
        }
    }

    private void Record(HandshakeAttempt attempt, long? due)
    {
        lock (_lock)
        {
            Negotiated ??= attempt.Negotiated;
            _done++;
            if (attempt.Request is { Status: { } status, BodyBytes: var bytes }) _responses.Add(status, bytes);
            if (attempt.IsResumed) _resumed++;
            if (due is { } time) _corrected.Record(Nanoseconds(attempt.CompletedAt - time));
            // A full handshake among those to be resumed would be none of either kind.
            if (attempt.IsResumed != resume) return;
            _handshake.Record((long)attempt.HandshakeTime.TotalNanoseconds);
            _total.Record((long)attempt.TotalTime.TotalNanoseconds);
        }
    }
}
