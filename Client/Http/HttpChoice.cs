using System.Net;
using System.Net.Security;

namespace RawEcho.Client.Http;

/// <summary>The version of HTTP that is spoken.</summary>
internal enum HttpChoice
{
    /// <summary>Over TLS what the server chooses of both (ALPN), without TLS HTTP/1.1.</summary>
    Negotiated,

    /// <summary>HTTP/1.1.</summary>
    Http11,

    /// <summary>HTTP/2; without TLS the client begins with it, unasked (RFC 9113 section 3.3).</summary>
    Http2,
}

/// <summary>What a choice means for TLS and for a request.</summary>
internal static class HttpChoices
{
    private static readonly Dictionary<string, HttpChoice> ByName = new() { ["1.1"] = HttpChoice.Http11, ["2"] = HttpChoice.Http2 };

    /// <summary>Parses 1.1 or 2.</summary>
    public static bool TryParse(string word, out HttpChoice choice) => ByName.TryGetValue(word, out choice);

    /// <summary>What is offered in the handshake (ALPN, RFC 7301), the best first.</summary>
    public static IReadOnlyList<SslApplicationProtocol> Protocols(this HttpChoice choice) => choice switch
    {
        HttpChoice.Http11 => [SslApplicationProtocol.Http11],
        HttpChoice.Http2 => [SslApplicationProtocol.Http2],
        _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    /// <summary>The version of a request, and whether the server may answer with an older one.</summary>
    /// <param name="choice">What was chosen.</param>
    /// <param name="isTls">The connection is encrypted.</param>
    public static (Version Version, HttpVersionPolicy Policy) ForRequest(this HttpChoice choice, bool isTls) => choice switch
    {
        HttpChoice.Http2 => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
        HttpChoice.Negotiated when isTls => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
        _ => (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact),
    };
}
