using RawEcho.Engine;

namespace RawEcho.CommandLine;

/// <summary>What a proxy said of a client, for the log.</summary>
public static class ProxyDescription
{
    /// <summary>Lines as those of a TLS connection; none without a proxy.</summary>
    public static IEnumerable<string> Lines(Connection connection)
    {
        if (connection.Proxy is not { } proxy) yield break;
        const string says = "The proxy says";
        if (proxy.Authority is { } name) yield return $"{says}: the client asked for {name}";
        if (UniqueId(proxy) is { } id) yield return $"{says}: its id is {id}";
        if (proxy.Tls is not { WasUsed: true } tls) yield break;
        yield return $"{says}: the client came over {tls.Version ?? "TLS"}{(tls.Cipher is { } cipher ? $", {cipher}" : string.Empty)}";
        if (!tls.HasSessionCertificate) yield return $"{says}: the client showed no certificate";
        else yield return $"{says}: CN={tls.CommonName ?? "?"}, {(tls.IsVerified ? "verified" : "NOT verified")} by the proxy alone";
        if (connection.ProxyClientName is { } client) yield return $"Client: CN={client}, as the proxy says (--proxy-identity)";
    }

    /// <summary>Printable text as it is, anything else in hexadecimal digits; null for none.</summary>
    public static string? UniqueId(ProxyHeader proxy)
    {
        ReadOnlySpan<byte> id = proxy.UniqueId.Span;
        if (id.IsEmpty) return null;
        return id.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? Convert.ToHexString(id) : System.Text.Encoding.ASCII.GetString(id);
    }
}
