using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.Client.Load;
using RawEcho.Client.Probe;
using RawEcho.Client.Results;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Tls;

namespace RawEcho.Client.Handshake;

/// <summary>Hands each connection to the attempt that opened it.</summary>
internal sealed class HandshakeHandler : IConnectionHandler
{
    public Task HandleAsync(Connection connection) => ((HandshakeAttempt)connection.State!).RunAsync(connection);
}

/// <summary>
/// One connection: TLS handshake, one byte there and back, goodbye. The byte tells what a handshake of TLS 1.3 does not: that the server
/// accepted this side.
/// </summary>
/// <param name="options">How to shake hands.</param>
/// <param name="settings">What was asked for.</param>
internal sealed class HandshakeAttempt(SslClientAuthenticationOptions options, HandshakeSettings settings)
{
    private Connection? _connection;
    private bool _isReady;
    private bool _timedOut;

    /// <summary>From the TCP connection to the end of the handshake on this side.</summary>
    public TimeSpan HandshakeTime { get; private set; }

    /// <summary>From the start of the TCP connect that succeeded to the echo.</summary>
    public TimeSpan TotalTime { get; private set; }

    /// <summary>The server resumed a session.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>What was negotiated; null when the handshake failed.</summary>
    public TlsResult? Negotiated { get; private set; }

    /// <summary>Why it failed; null when it did not.</summary>
    public ClientFailure? Failure { get; private set; }

    public async Task RunAsync(Connection connection)
    {
        _connection = connection;
        long connected = Stopwatch.GetTimestamp();
        var tap = new TappedStream(connection);
        await using var stream = new JudgingStream(tap);
        try
        {
            using (AbortAfter(settings.Targets.Tls.HandshakeTimeout)) await stream.AuthenticateAsClientAsync(options);
            HandshakeTime = Stopwatch.GetElapsedTime(connected);
            _isReady = true;
            Negotiated = new TlsResult(stream.SslProtocol.ToString(), stream.NegotiatedCipherSuite.ToString());
            IsResumed = new PlainHandshake(tap.Received, tap.Sent).IsResumed;
            using (AbortAfter(settings.EchoTimeout)) Failure = await EchoAsync(stream);
            TotalTime = Stopwatch.GetElapsedTime(connection.ConnectStartedAt);
            if (Failure is null) await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // An echo that is there cannot be taken back by a goodbye that nobody hears.
            if (TotalTime == TimeSpan.Zero) Failure = Explain(e, stream, tap);
        }
    }

    private static async Task<ClientFailure?> EchoAsync(JudgingStream stream)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(1);
        byte[] echo = new byte[2];
        await stream.WriteAsync(sent);
        int read = await stream.ReadAsync(echo);
        if (read == 0) throw new IOException("The server closed the connection.");
        return read == 1 && echo[0] == sent[0] ? null : new ClientFailure(ExitCode.Mismatch, "echo differs", "The echo of one byte is not what was sent.");
    }

    // A timer for each handshake: beside what a handshake costs it is nothing.
    private CancellationTokenSource? AbortAfter(TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan) return null;
        var timer = new CancellationTokenSource(limit);
        timer.Token.UnsafeRegister(static a => ((HandshakeAttempt)a!).Abort(), this);
        return timer;
    }

    private void Abort()
    {
        _timedOut = true;
        _connection!.Abort(CloseReason.HandshakeTimeout);
    }

    private ClientFailure Explain(Exception thrown, JudgingStream stream, TappedStream tap)
    {
        TlsLevel tls = settings.Targets.Tls.Level;
        if (stream.Verdict is { Problem: { } problem })
            return new ClientFailure(ExitCode.TlsRefused, "server's certificate refused", $"The server's certificate was refused. {ProblemText.Of(problem)}");
        if (_timedOut && !_isReady)
            return new ClientFailure(ExitCode.TlsRefused, "handshake failed", "The server did not complete the handshake in time. Does it speak TLS?");
        if (_timedOut)
            return new ClientFailure(ExitCode.ConnectionLost, "no echo", "The echo of one byte did not come in time (--echo-timeout).");
        if (_isReady && TlsAlert.In(thrown) is not null)
            return new ClientFailure(ExitCode.TlsRefused, "refused by the server", HandshakeFailure.Describe(thrown, "The connection failed"));
        if (_isReady)
            return new ClientFailure(ExitCode.TlsRefused, "probably refused", $"The server closed the connection right after the handshake. {ClientFailure.WhyRefused(tls)}");
        return ClientFailure.OfHandshake(HandshakeFailure.Explain(thrown, stream.Verdict, _connection!.EndOfStream, tap.Progress), tls);
    }
}
