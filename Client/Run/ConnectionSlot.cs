using System.Net;
using System.Net.Sockets;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Client.Wire;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client.Run;

/// <summary>What all connections of a session use to come about.</summary>
/// <param name="Client">Opens and runs them.</param>
/// <param name="Run">What they share.</param>
/// <param name="Settings">How to work.</param>
/// <param name="Failures">What went wrong.</param>
/// <param name="Places">How many may shake hands at a time.</param>
/// <param name="Churn">Takes what the connections of the measurement came to; null where they are not replaced in order.</param>
/// <param name="GiveUp">The run is over: nobody is to connect any more.</param>
internal sealed record ConnectionContext(
    EngineClient Client, LoadRun Run, SessionSettings Settings, FailureList Failures, SemaphoreSlim Places, ChurnCounts? Churn,
    CancellationToken GiveUp);

/// <summary>
/// One of the connections that a session keeps open: connects it, replaces it when it has carried its messages, and, with --reconnect,
/// when it is lost. Everything of a slot happens one after the other.
/// </summary>
/// <param name="context">What all connections share.</param>
/// <param name="number">Number of the connection, from 0.</param>
/// <param name="client">What the first connection is to do.</param>
/// <param name="target">The server.</param>
/// <param name="tls">TLS for this server; null for none.</param>
/// <param name="source">The local address for a family; null for what the system chooses.</param>
internal sealed class ConnectionSlot(
    ConnectionContext context, int number, ILoadClient client, Target target, TlsClientOptions? tls,
    Func<AddressFamily, IPAddress?> source)
{
    private static readonly LoadHandler Handler = new();

    private ILoadClient _client = client;
    private IPacedSender? _lastOpen;
    private long _begunBefore;
    private bool _isBetween;
    private TlsDetails? _tls;

    /// <summary>The connection as it is now.</summary>
    public ILoadClient Client => Volatile.Read(ref _client);

    /// <summary>What the first handshake came to; null without TLS, or when nobody asked.</summary>
    public TlsDetails? Tls => _tls ?? Client.Tls;

    /// <summary>Its part of an open loop, or that of the one before; null without a rate, and before the start.</summary>
    public IPacedSender? Open => Client.Open ?? Volatile.Read(ref _lastOpen);

    /// <summary>
    /// Nothing was lost at the end: the slot had done all, or it was just replacing a connection that had been closed in order.
    /// </summary>
    public bool IsWhole => Client.IsDone || Volatile.Read(ref _isBetween);

    /// <summary>Measured messages that this connection and those before it have begun.</summary>
    public long BegunMeasured => Volatile.Read(ref _begunBefore) + Client.BegunMeasured;

    /// <summary>Connections that ended before they should, count.</summary>
    public long Lost { get; private set; }

    /// <summary>How many of those were replaced.</summary>
    public long Replaced { get; private set; }

    /// <summary>Connections of this slot on which an echo differed, count.</summary>
    public long Mismatches { get; private set; }

    /// <summary>Runs until the slot has done all it had to, or has failed for good.</summary>
    public async Task RunAsync()
    {
        ClientFailure? failure = await RunOnceAsync(replaces: false);
        var pause = new ReconnectPause(Random.Shared);
        while (failure is not null || Client.WantsAnother)
        {
            Volatile.Write(ref _isBetween, failure is null);
            if (failure is null)
            {
                if (context.Run.IsStopping) return;
                Renew();
                await Client.TurnToConnectAsync();
                failure = await RunOnceAsync(replaces: false);
                continue;
            }

            if (Client.Mismatch is not null) Mismatches++;
            bool wasReady = Client.Ready.IsCompleted;
            if (wasReady) Lost++;
            if (!MayReplace(failure))
            {
                context.Failures.Add(failure, number);
                return;
            }

            context.Failures.AddMended(failure, number);
            if (wasReady) pause.Reset();
            // That the run ends during the pause is as good a reason to go on as that it is over.
            await Task.WhenAny(Task.Delay(pause.Next(), context.GiveUp));
            if (context.Run.IsStopping)
            {
                context.Failures.Decide(failure);
                return;
            }

            Renew();
            failure = await RunOnceAsync(replaces: true);
        }
    }

    private bool MayReplace(ClientFailure failure) =>
        context.Settings.Reconnect && context.Run is { Started.IsCompleted: true, IsStopping: false }
        && failure.ExitCode is Codes.ConnectionLost or Codes.ServerClosed or Codes.Network or Codes.TlsRefused;

    private void Renew()
    {
        ILoadClient before = Client;
        long begun = _begunBefore + before.BegunMeasured;
        _tls ??= before.Tls;
        if (before.Open is { } open) Volatile.Write(ref _lastOpen, open);
        Volatile.Write(ref _client, before.Renew(_lastOpen));
        // Last: who looks on meanwhile may see too few, and never messages twice.
        Volatile.Write(ref _begunBefore, begun);
    }

    private async Task<ClientFailure?> RunOnceAsync(bool replaces)
    {
        await context.Places.WaitAsync(CancellationToken.None);
        // The place is free again when the handshake is over, whichever way, and not when the connection is.
        // The first connections come before the start.
        var trace = context is { Churn: not null, Run.Started.IsCompleted: true } ? new HelloTrace() : null;
        Task<ClientFailure?> connection = ConnectAsync(trace);
        await Task.WhenAny(Client.Ready, connection);
        context.Places.Release();
        if (trace is not null && Client is { Ready.IsCompleted: true, Connection: { } open }) context.Churn!.Add(open.HandshakeTime, trace);
        if (replaces && Client.Ready.IsCompleted) Replaced++;
        return await connection;
    }

    private async Task<ClientFailure?> ConnectAsync(HelloTrace? trace)
    {
        try
        {
            if (context.GiveUp.IsCancellationRequested) return null;
            var options = new ConnectOptions { Tls = tls, Source = source, State = Client, Trace = trace }
                .With(context.Settings.Targets.SendProxy);
            ConnectionEnd end = await context.Client.RunAsync(target.Addresses, Handler, options, context.GiveUp);
            return Client.Explain(end, context.Settings.Targets.Tls.Level);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (ConnectException e)
        {
            return ClientFailure.Of(e);
        }
    }
}
