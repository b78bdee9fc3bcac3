using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;
using RawEcho.Engine;
using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client.Http;

/// <summary>Why a request did not come to a whole response.</summary>
internal static class HttpFailure
{
    private const string Lost = "connection lost";

    /// <summary>Evaluates a request that failed, or that could not be sent.</summary>
    /// <param name="failure">What System.Net.Http said of the request; null when it did not come to one.</param>
    /// <param name="exchange">The connection that it went over; null when the handshake was not completed.</param>
    /// <param name="end">How that connection ended.</param>
    /// <param name="tls">How much of TLS was used.</param>
    public static ClientFailure Of(Exception? failure, HttpExchange? exchange, ConnectionEnd end, TlsLevel tls)
    {
        if (ClientFailure.OfHandshake(end, tls) is { } refused) return refused;
        bool isAnswered = exchange?.IsAnswered == true;
        if (!isAnswered && OfSilence(end, tls) is { } silence) return silence;
        if (failure is HttpRequestException request && OfResponse(request, exchange) is { } answer) return answer;
        if (failure?.GetBaseException() is HttpProtocolException protocol) return OfHttp2(protocol);
        return new(Codes.ConnectionLost, Lost, HowItEnded(failure, end, isAnswered));
    }

    /// <summary>A server that was to speak HTTP/2 and does not; null when it does, or may choose.</summary>
    /// <param name="connection">Open, its handshake complete.</param>
    /// <param name="http">What was asked for.</param>
    public static ClientFailure? OfNegotiation(Connection connection, HttpChoice http)
    {
        if (http != HttpChoice.Http2 || connection.Tls is not { } tls || tls.ApplicationProtocol == "h2") return null;
        string chosen = tls.ApplicationProtocol is { } protocol ? $"it chose '{protocol}'" : "it chose no application protocol (ALPN)";
        return new(Codes.TlsRefused, "no HTTP/2", $"The server does not speak HTTP/2 on this port: {chosen}. Use --http 1.1.");
    }

    // Nothing came before the end: under TLS 1.3 this is how a client learns that its certificate was refused.
    private static ClientFailure? OfSilence(ConnectionEnd end, TlsLevel tls)
    {
        bool isTls = tls != TlsLevel.None;
        return end.Reason switch
        {
            CloseReason.ProtocolError when isTls =>
                new(Codes.TlsRefused, "refused by the server", ProblemText.Of(end) ?? "The server refused the connection."),
            CloseReason.PeerTruncated or CloseReason.PeerReset when isTls => ClientFailure.ProbablyRefused(tls),
            CloseReason.PeerClosed or CloseReason.PeerReset when !isTls => new(
                Codes.TlsRefused, "closed at the request",
                "The server closed the connection at the request: it probably wants TLS (https://), or is at its limit of connections."),
            CloseReason.PeerClosed => new(
                Codes.ServerClosed, "closed by the server", "The server closed the connection in order, without a response."),
            _ => null,
        };
    }

    /// <summary>Evaluates a response that is none; null where the connection itself is to blame.</summary>
    public static ClientFailure? OfResponse(HttpRequestException failure, HttpExchange? exchange)
    {
        const byte alertRecord = 21;
        ReadOnlySpan<byte> first = exchange is null ? [] : exchange.First;
        if (exchange is { IsTls: false } && first is [alertRecord, 3, ..])
        {
            return new(
                Codes.TlsRefused, "speaks TLS",
                "The server answered with a TLS alert: it speaks TLS on this port. Use https:// in the URL.");
        }

        if (first.IsEmpty) return null;
        return failure.HttpRequestError switch
        {
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                when !first.StartsWith("HTTP/"u8) && failure.GetBaseException() is not HttpProtocolException { ErrorCode: > 0 } => new(
                    Codes.Mismatch, "no HTTP", $"The server's answer is no HTTP response. It said {Banner.Quote(first)}."),
            HttpRequestError.InvalidResponse => new(
                Codes.Mismatch, "bad response", $"The server's response is malformed: {Sentence(failure)}"),
            HttpRequestError.ConfigurationLimitExceeded => new(
                Codes.Mismatch, "response too large", $"The server's response is not taken: {Sentence(failure)}"),
            _ => null,
        };
    }

    private static ClientFailure OfHttp2(HttpProtocolException failure) => new(
        Codes.ConnectionLost, "request reset",
        $"The server ended the request with the HTTP/2 error {NameOf(failure.ErrorCode)} (RFC 9113 section 7).");

    private static string HowItEnded(Exception? failure, ConnectionEnd end, bool isAnswered)
    {
        string where = isAnswered ? "in the middle of a response" : "before there was a response";
        return end.Reason switch
        {
            CloseReason.PeerReset => $"The server reset the connection {where}, or died.",
            CloseReason.PeerTruncated => $"The connection was cut off {where}, without the server's goodbye (close_notify).",
            CloseReason.PeerClosed => $"The server closed the connection {where}.",
            CloseReason.DrainTimeout => "The response did not come within the drain time (--drain-timeout).",
            CloseReason.LocalClosed or CloseReason.Drained when failure is not null => Sentence(failure),
            _ => end.Detail ?? $"The connection ended {where}: {end.Reason}.",
        };
    }

    // The innermost cause says most; those around it refer to it.
    private static string Sentence(Exception failure)
    {
        Exception cause = failure.GetBaseException();
        string text = cause.Message;
        if (cause is HttpIOException http) text = text.Replace($" ({http.HttpRequestError})", "", StringComparison.Ordinal);
        return $"{text.TrimEnd('.')}.";
    }

    private static string NameOf(long error) => error switch
    {
        0 => "NO_ERROR",
        1 => "PROTOCOL_ERROR",
        2 => "INTERNAL_ERROR",
        3 => "FLOW_CONTROL_ERROR",
        7 => "REFUSED_STREAM",
        8 => "CANCEL",
        11 => "ENHANCE_YOUR_CALM",
        12 => "INADEQUATE_SECURITY",
        13 => "HTTP_1_1_REQUIRED",
        _ => error.ToString(CultureInfo.InvariantCulture),
    };
}
