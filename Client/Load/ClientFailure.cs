using System.Net.Sockets;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Transport;
using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client.Load;

/// <summary>Why a client did not do all it had to.</summary>
/// <param name="ExitCode">What a script is told.</param>
/// <param name="Kind">The failure in two or three words: what is counted.</param>
/// <param name="Detail">One sentence for a person: what happened, and what to do.</param>
internal sealed record ClientFailure(int ExitCode, string Kind, string Detail)
{
    /// <summary>Evaluates how a client ended.</summary>
    /// <param name="client">The client.</param>
    /// <param name="end">How its connection ended.</param>
    /// <param name="tls">How much of TLS it used.</param>
    /// <returns>Null when it did all it had to.</returns>
    public static ClientFailure? Of(LoadClient client, ConnectionEnd end, TlsLevel tls)
    {
        if (client.Mismatch is { } mismatch) return new(Codes.Mismatch, "echo differs", mismatch);
        if (client.IsDone || client.WantsAnother) return null;
        if (OfHandshake(end, tls) is { } refused) return refused;
        string detail = ProblemText.Of(end) ?? string.Empty;
        return end.Reason switch
        {
            CloseReason.ProtocolError when client.RoundTrips == 0 && tls != TlsLevel.None
                => new(Codes.TlsRefused, "refused by the server", detail),
            CloseReason.PeerTruncated or CloseReason.PeerReset
                when client is { RoundTrips: 0, Echoed: 0, IsJustReady: true } && tls != TlsLevel.None
                => ProbablyRefused(tls),
            CloseReason.PeerClosed when client is { RoundTrips: 0, Echoed: 0, IsJustReady: true } && tls == TlsLevel.None
                => ClosedAtOnce(client),
            CloseReason.PeerClosed when client.Echoed == 0
                => new(Codes.ServerClosed, "closed by the server",
                    "The server closed in order before the run was over; the message on its way was not begun."),
            CloseReason.Drained or CloseReason.DrainTimeout when client.Owed == 0 => null,
            CloseReason.HandlerFault => new(Codes.Defect, "defect", detail),
            _ => new(Codes.ConnectionLost, "connection lost", Lost(client, end)),
        };
    }

    /// <summary>Evaluates a connection that did not come about.</summary>
    public static ClientFailure Of(ConnectException failure) => new(Codes.Network, "not connected", failure.Error switch
    {
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse =>
            $"{failure.Message.TrimEnd('.')}: {LocalPorts.WhyNone()}; connect from more addresses (--source), or widen the range of ports.",
        _ => failure.Message,
    });

    /// <summary>Evaluates a connection that ended in its handshake; null for one that ended later.</summary>
    public static ClientFailure? OfHandshake(ConnectionEnd end, TlsLevel tls)
    {
        string detail = ProblemText.Of(end) ?? string.Empty;
        return end.Reason switch
        {
            CloseReason.HandshakeTimeout => new(
                Codes.TlsRefused, "handshake failed", $"The server did not complete the handshake in time. Does it speak TLS? {detail}"),
            CloseReason.PeerCertificateRefused => new(
                Codes.TlsRefused, "server's certificate refused", $"The server's certificate was refused. {detail}"),
            CloseReason.HandshakeFailed => OfFailedHandshake(end, tls),
            _ => null,
        };
    }

    /// <summary>A server that closed the connection where it validates the client's certificate, without a word.</summary>
    public static ClientFailure ProbablyRefused(TlsLevel tls) => new(
        Codes.TlsRefused, "probably refused", $"The server closed the connection right after the handshake. {WhyRefused(tls)}");

    /// <summary>Evaluates a handshake that failed.</summary>
    public static ClientFailure OfFailedHandshake(ConnectionEnd end, TlsLevel tls) => new(
        Codes.TlsRefused, "handshake failed", end.CutAt switch
        {
            HandshakeProgress.None => ProblemText.Of(end) ?? "The handshake failed.",
            HandshakeProgress.Unanswered => $"{CutOff(end)}, before it answered the ClientHello: "
                + "it may be at its limit of connections or let in certain addresses only, or it does not speak TLS there.",
            // The certificate goes out in answer to what the server has sent: it cannot have been refused before that.
            HandshakeProgress.Answered => $"{CutOff(end)}, after it began to answer and before it was shown a certificate: "
                + "it failed, or something on the way ended the connection.",
            _ => $"{CutOff(end)}. {WhyRefused(tls)}",
        });

    private static string CutOff(ConnectionEnd end) =>
        $"The peer {(end.Handshake == HandshakeProblem.PeerReset ? "reset" : "closed")} the connection in the middle of the handshake";

    /// <summary>What may be behind a refusal that the server did not explain.</summary>
    public static string WhyRefused(TlsLevel tls)
    {
        string reasons = tls == TlsLevel.Mutual
            ? "It probably refused this client's certificate: from a CA it does not trust, expired, not made for clients (clientAuth), "
                + "or not on its list"
            : "It probably requires a client certificate, and this client shows none (--tls mutual with --cert and --key)";
        return $"{reasons}. Its log says which.";
    }

    // Without TLS. What was not sent anything cannot be about what was sent.
    private static ClientFailure ClosedAtOnce(LoadClient client) => client.Owed == 0
        ? new(Codes.ServerClosed, "closed by the server",
            "The server closed the connection before it was sent anything: it may be at its limit of connections, or about to stop.")
        : new(Codes.TlsRefused, "closed at the first message",
            "The server closed the connection at the first message: it probably wants TLS (--tls mutual or --tls server), "
            + "or is at its limit of connections.");

    private static string Lost(LoadClient client, ConnectionEnd end)
    {
        string how = end.Reason switch
        {
            CloseReason.PeerReset => "The server reset the connection or died.",
            CloseReason.PeerTruncated => "The connection was cut off without the server's goodbye (close_notify).",
            CloseReason.PeerClosed => "The server closed the connection.",
            CloseReason.DrainTimeout => "It did not come within the drain time (--drain-timeout).",
            _ => end.Detail ?? $"The connection ended: {end.Reason}.",
        };
        return client.Owed == 0 ? how : $"{how} {client.Owed - client.Echoed} of {client.Owed} bytes of an echo did not come back.";
    }
}
