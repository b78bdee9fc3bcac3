using System.Net.Sockets;
using RawEcho.Client.Wire;
using RawEcho.Engine;

namespace RawEcho.Client.Probe;

/// <summary>One handshake: how far it came, and what is known of the server when it failed.</summary>
internal sealed class TlsAttempt : IAsyncDisposable
{
    private readonly HandshakeTrace _trace;

    private TlsAttempt(HandshakeTrace trace, ProbeSettings settings)
    {
        _trace = trace;
        Plain = new PlainHandshake(trace.Received, trace.Sent);
        Server = ServerChain.Of(trace.Certificates, settings) ?? ServerChain.Of(Plain.Certificates, settings);
    }

    /// <summary>The connection; null when the handshake failed.</summary>
    public Connection? Connection { get; private init; }

    /// <summary>How long it took, to its end or to its failure.</summary>
    public TimeSpan Time => _trace.Time;

    /// <summary>This side has completed it. Under TLS 1.3 the server may still refuse the client's certificate.</summary>
    public bool IsComplete => Connection is not null;

    /// <summary>The server did not go on with it in time.</summary>
    public bool TimedOut { get; private init; }

    /// <summary>The server ended the connection in the middle of it, by FIN or by reset.</summary>
    public bool WasCutOff { get; private init; }

    /// <summary>What the platform said of its failure; null when it was not what ended the handshake.</summary>
    public Exception? Failure => TimedOut ? null : _trace.Failure;

    /// <summary>The first bytes that came from the server.</summary>
    public byte[] Received => _trace.Received;

    /// <summary>The first bytes that went to the server.</summary>
    public byte[] Sent => _trace.Sent;

    /// <summary>This side has sent something after the server's first bytes: its certificate, if it has one.</summary>
    public bool HasReplied => _trace.HasReplied;

    /// <summary>What went over the wire in the clear.</summary>
    public PlainHandshake Plain { get; }

    /// <summary>What the server showed; null when it came not so far.</summary>
    public ServerChain? Server { get; }

    /// <summary>A session was resumed: as OpenSSL says, or else as the server's choice shows.</summary>
    public bool IsResumed => ToldResumption ?? Plain.IsResumed;

    /// <summary>The handshake is complete, and this side has shown a certificate in it.</summary>
    public bool HasShownCertificate { get; private init; }

    /// <summary>The application protocol that the server chose; null for none, or when it did not come to that.</summary>
    public string? ApplicationProtocol { get; private init; }

    private bool? ToldResumption { get; init; }

    /// <summary>Shakes hands over a new connection.</summary>
    /// <param name="connect">Opens the connection. Throws <see cref="ConnectionEndedException"/> when the handshake fails.</param>
    /// <param name="settings">What the probe is to do.</param>
    /// <exception cref="Engine.Transport.ConnectException">There is no connection to shake hands over.</exception>
    public static async Task<TlsAttempt> RunAsync(Func<IHandshakeTrace, Task<Connection>> connect, ProbeSettings settings)
    {
        var trace = new HandshakeTrace();
        try
        {
            Connection connection = await connect(trace);
            TlsDetails tls = connection.Tls!;
            return new TlsAttempt(trace, settings)
            {
                Connection = connection,
                HasShownCertificate = tls.Local is not null,
                ToldResumption = tls.IsResumed,
                ApplicationProtocol = tls.ApplicationProtocol,
            };
        }
        catch (ConnectionEndedException e)
        {
            bool timedOut = e.End.Reason == CloseReason.HandshakeTimeout;
            return new TlsAttempt(trace, settings) { TimedOut = timedOut, WasCutOff = !timedOut && IsCut(e.End, trace.Failure) };
        }
    }

    /// <summary>Says goodbye where a handshake was completed, and closes.</summary>
    public ValueTask DisposeAsync() => Connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Whatever the network reports, there is no connection any more.
    private static bool IsCut(ConnectionEnd end, Exception? failure) =>
        end.Reason == CloseReason.PeerReset
        || end.Handshake is HandshakeProblem.PeerClosed or HandshakeProblem.PeerReset
        || failure?.GetBaseException() is SocketException;
}
