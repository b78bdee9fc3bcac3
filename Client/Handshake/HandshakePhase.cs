using System.Diagnostics;
using System.Net;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Run;
using RawEcho.Client.Targets;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Handshake;

/// <summary>Handshakes of one kind, as many at a time as asked for, one after the other without a pause.</summary>
/// <param name="host">Runs the connections.</param>
/// <param name="settings">What was asked for.</param>
/// <param name="targets">The servers, and how to shake hands with each.</param>
/// <param name="sources">Local addresses, in turn; empty for what the system chooses.</param>
/// <param name="resume">True to resume sessions.</param>
/// <param name="failures">Takes what goes wrong.</param>
internal sealed class HandshakePhase(
    ConnectionHost host, HandshakeSettings settings, IReadOnlyList<(Target Target, HandshakeOptions Options)> targets, IReadOnlyList<IPAddress> sources,
    bool resume, FailureList failures)
{
    private readonly HandshakeHandler _handler = new();
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _handshake = new();
    private readonly LatencyHistogram _total = new();
    private long _begun;
    private long _done;
    private long _resumed;
    private long _startedAt;
    private TimeSpan _elapsed;

    /// <summary>Handshakes done so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Since the phase began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>What was negotiated on the first connection.</summary>
    public TlsResult? Negotiated { get; private set; }

    /// <summary>Runs until the time is over, the number is reached, something fails, or the user wants no more.</summary>
    public async Task RunAsync(Task stop)
    {
        // The first one brings the session that the others resume. It is counted only if it fails.
        if (resume) await Task.WhenAll(Enumerable.Range(0, targets.Count).Select(i => AttemptAsync(i, isMeasured: false)));
        _startedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, settings.Clients).Select(_ => WorkAsync(stop)));
        _elapsed = Elapsed;
    }

    public HandshakePhaseResult ToResult() => new()
    {
        Seconds = _elapsed.TotalSeconds,
        Handshakes = _done,
        HandshakesPerSecond = _elapsed > TimeSpan.Zero ? _done / _elapsed.TotalSeconds : 0,
        ReallyResumed = _resumed,
        HandshakeLatency = LatencyResult.Of(_handshake),
        TotalLatency = LatencyResult.Of(_total),
    };

    private async Task WorkAsync(Task stop)
    {
        while (!stop.IsCompleted && failures.Count == 0 && (settings.Duration is not { } duration || Elapsed < duration))
        {
            long number = Interlocked.Increment(ref _begun) - 1;
            if (number >= settings.Count) return;
            await AttemptAsync(number, isMeasured: true);
        }
    }

    private async Task AttemptAsync(long number, bool isMeasured)
    {
        (Target target, HandshakeOptions options) = targets[(int)(number % targets.Count)];
        var attempt = new HandshakeAttempt(resume ? options.Resuming : options.Full, settings);
        ClientFailure? failure = await ConnectAsync(target, attempt, number);
        if (failure is not null) failures.Add(failure);
        else if (isMeasured) Record(attempt);
    }

    private async Task<ClientFailure?> ConnectAsync(Target target, HandshakeAttempt attempt, long number)
    {
        ClientFailure? failure = null;
        foreach (IPEndPoint address in target.Addresses)
        {
            try
            {
                await host.ConnectAsync(address, _handler, attempt, SourceAddresses.For(sources, (int)(number / targets.Count % int.MaxValue), address.AddressFamily));
                return attempt.Failure;
            }
            catch (ConnectException e)
            {
                failure ??= ClientFailure.Of(e);
            }
        }

        return failure;
    }

    private void Record(HandshakeAttempt attempt)
    {
        lock (_lock)
        {
            Negotiated ??= attempt.Negotiated;
            _done++;
            if (attempt.IsResumed) _resumed++;
            // A full handshake among those to be resumed would be none of either kind.
            if (attempt.IsResumed != resume) return;
            _handshake.Record((long)attempt.HandshakeTime.TotalNanoseconds);
            _total.Record((long)attempt.TotalTime.TotalNanoseconds);
        }
    }
}
