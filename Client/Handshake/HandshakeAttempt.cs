using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RawEcho.Client.Http;
using RawEcho.Client.Load;
using RawEcho.Client.Probe;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;

namespace RawEcho.Client.Handshake;

/// <summary>
/// One connection: TLS handshake, one byte there and back, close. The byte shows what a handshake of TLS 1.3 does not: that the server
/// accepted this side.
/// </summary>
/// <param name="settings">What was asked for.</param>
internal sealed class HandshakeAttempt(HandshakeSettings settings) : IConnectionHandler
{
    private readonly HelloTrace _trace = new();
    private Exception? _thrown;
    private SingleRequest? _request;
    private HttpUrl? _url;
    private bool _isReady;

    /// <summary>From the TCP connection to the end of the handshake on this side.</summary>
    public TimeSpan HandshakeTime { get; private set; }

    /// <summary>From the start of the TCP connect that succeeded to the echo; zero before it.</summary>
    public TimeSpan TotalTime { get; private set; }

    /// <summary>When the echo or the response was complete, ticks of Stopwatch; 0 before.</summary>
    public long CompletedAt { get; private set; }

    /// <summary>The server resumed a session.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>What was negotiated; null when the handshake failed.</summary>
    public TlsResult? Negotiated { get; private set; }

    /// <summary>The request; null where a byte was echoed, or when it did not come to one.</summary>
    public SingleRequest? Request => _request;

    /// <summary>Why it failed; null when it did not.</summary>
    public ClientFailure? Failure { get; private set; }

    /// <summary>Runs the attempt to the end of its connection.</summary>
    /// <param name="client">Opens the connection.</param>
    /// <param name="target">The server.</param>
    /// <param name="tls">How to shake hands.</param>
    /// <param name="source">The local address for a family; null for what the system chooses.</param>
    /// <param name="giveUp">Gives up while TCP is connecting: a handshake that has begun is completed.</param>
    /// <exception cref="Engine.Transport.ConnectException">TCP did not connect.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="giveUp"/> asked to give up.</exception>
    public async Task RunAsync(
        EngineClient client, Target target, TlsClientOptions tls, Func<AddressFamily, IPAddress?> source, CancellationToken giveUp)
    {
        _url = target.Url;
        ConnectOptions options = new ConnectOptions { Tls = tls, Source = source, Trace = _trace }.With(settings.Targets.SendProxy);
        ConnectionEnd end = await client.RunAsync(target.Addresses, this, options, giveUp);
        // An echo that has come back stands, however the connection ended.
        if (TotalTime == TimeSpan.Zero) Failure ??= Explain(end);
    }

    public async Task HandleAsync(Connection connection)
    {
        _isReady = true;
        HandshakeTime = connection.HandshakeTime;
        TlsDetails details = connection.Tls!;
        Negotiated = new TlsResult(details.Protocol.ToString(), details.CipherSuite.ToString());
        IsResumed = _trace.IsResumed;
        try
        {
            using OperationLimit limit = connection.LimitTime(settings.EchoTimeout);
            if (settings.Request is { } request)
            {
                Failure = await RequestAsync(connection, request);
                return;
            }

            Failure = await EchoAsync(connection);
            Complete(connection, Stopwatch.GetTimestamp());
        }
        catch (Exception e)
        {
            _thrown = e;
            throw;
        }
    }

    private static async Task<ClientFailure?> EchoAsync(Connection connection)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(1);
        byte[] echo = new byte[2];
        await connection.WriteAsync(sent);
        int read = await connection.ReadAsync(echo);
        if (read == 0) throw new IOException("The server closed the connection.");
        return read == 1 && echo[0] == sent[0]
            ? null
            : new ClientFailure(ExitCode.Mismatch, "echo differs", "The echo of one byte is not what was sent.");
    }

    private async Task<ClientFailure?> RequestAsync(Connection connection, RequestTemplate template)
    {
        if (HttpFailure.OfNegotiation(connection, template.Http) is { } refused) return refused;
        SingleRequest request = _request = await SingleRequest.RunAsync(connection, _url!, template);
        if (request.Status is not null) Complete(connection, request.CompletedAt);
        await request.Exchange.CloseAsync();
        return null;
    }

    private void Complete(Connection connection, long at)
    {
        CompletedAt = at;
        TotalTime = Stopwatch.GetElapsedTime(connection.ConnectStartedAt, at);
    }

    private ClientFailure Explain(ConnectionEnd end)
    {
        TlsLevel tls = settings.Targets.Tls.Level;
        if (end.Certificate is { } problem)
            return Refused("server's certificate refused", $"The server's certificate was refused. {ProblemText.Of(problem)}");
        if (end.Reason == CloseReason.HandshakeTimeout)
            return Refused("handshake failed", "The server did not complete the handshake in time. Does it speak TLS?");
        if (end.Reason == CloseReason.OperationTimeout)
        {
            string what = settings.Request is null ? "echo of one byte" : "response";
            return new ClientFailure(ExitCode.ConnectionLost, "no echo", $"The {what} did not come in time (--echo-timeout).");
        }

        if (settings.Request is not null && _isReady) return HttpFailure.Of(_request?.Failure, _request?.Exchange, end, tls);
        if (!_isReady) return ClientFailure.OfFailedHandshake(end, tls);
        return _thrown is not null && TlsAlert.In(_thrown) is not null
            ? Refused("refused by the server", HandshakeFailure.Describe(_thrown, "The connection failed"))
            : Refused(
                "probably refused", $"The server closed the connection right after the handshake. {ClientFailure.WhyRefused(tls)}");
    }

    private static ClientFailure Refused(string kind, string detail) => new(ExitCode.TlsRefused, kind, detail);
}
