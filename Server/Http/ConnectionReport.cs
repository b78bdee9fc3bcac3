using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using RawEcho.CommandLine;
using RawEcho.Engine;

namespace RawEcho.Server.Http;

/// <summary>A connection as GET /connection describes it.</summary>
/// <param name="Remote">The client's address.</param>
/// <param name="Local">This side's address.</param>
/// <param name="Http">HTTP/1.1 or HTTP/2.</param>
/// <param name="Tls">What the handshake came to; null without TLS.</param>
/// <param name="Client">The certificate that was shown to this side, with --proxy-identity the proxy's; null for none.</param>
/// <param name="Server">This side's certificate; null without TLS.</param>
/// <param name="Checks">What was verified of the client before it was let in, a sentence each.</param>
/// <param name="Proxy">What a proxy said of the client, which nobody here has verified; null without one.</param>
/// <param name="ClientName">Who the client is by the proxy's word, with --proxy-identity; else null.</param>
internal sealed record ConnectionReport(
    string Remote,
    string Local,
    string Http,
    TlsReport? Tls,
    CertificateReport? Client,
    CertificateReport? Server,
    IReadOnlyList<string> Checks,
    ProxyReport? Proxy,
    string? ClientName)
{
    /// <summary>Describes the connection of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="tls">What the server's rules are now: open connections are looked at again when they change.</param>
    /// <param name="now">The moment that days left are counted from.</param>
    public static ConnectionReport Of(HttpContext request, Connection connection, TlsMaterial tls, DateTimeOffset now)
    {
        X509Certificate2? client = request.Connection.ClientCertificate;
        TlsDetails? details = connection.Tls;
        return new ConnectionReport(
            $"{connection.RemoteEndPoint}",
            $"{connection.LocalEndPoint}",
            request.Request.Protocol,
            details is null ? null : TlsReport.Of(details),
            client is null ? null : CertificateReport.Of(client, now),
            // What this connection began with: the server's own certificate may have been renewed since.
            connection.Ssl?.LocalCertificate is X509Certificate2 own ? CertificateReport.Of(own, now) : null,
            details is null ? [] : [.. DescribeChecks(details, client, tls, connection.ProxyClientName)],
            connection.Proxy is { } proxy ? ProxyReport.Of(proxy, $"{connection.ProxyEndPoint}") : null,
            connection.ProxyClientName);
    }

    private static IEnumerable<string> DescribeChecks(TlsDetails details, X509Certificate2? client, TlsMaterial tls, string? proxied)
    {
        if (proxied is not null)
        {
            yield return "The proxy says that it has verified the client's certificate (--proxy-identity). What follows is about the "
                + "proxy's own.";
        }

        if (client is null)
        {
            yield return tls.Level == TlsLevel.Server
                ? "The client was not asked for a certificate (--tls server)."
                : "The client showed no certificate.";
            yield break;
        }

        string rules = tls.Policy == Engine.Certificates.TlsPolicy.Legacy ? ", by the rules of --policy legacy" : "";
        yield return $"A chain leads to a CA in --ca; every certificate in it is valid now and made for this use{rules}.";
        yield return tls.Admission.Revocation is { } lists
            ? string.Create(CultureInfo.InvariantCulture, $"No list in --crl revokes it ({lists.Entries} entries).")
            : "Revocation was not looked at: no --crl.";
        yield return tls.Admission.Allowed is { } allowed
            ? string.Create(CultureInfo.InvariantCulture, $"It is on the allow-list ({allowed.Count} entries).")
            : "Everyone with such a certificate may come in: no --allow.";
        if (details.IsResumed == true)
            yield return "The session was resumed; the rules were applied again to the certificate it began with.";
    }
}

/// <summary>What a handshake came to.</summary>
/// <param name="Protocol">TLS 1.2 or TLS 1.3.</param>
/// <param name="CipherSuite">The suite, by its IANA name.</param>
/// <param name="ApplicationProtocol">The application protocol that was agreed on (ALPN); null for none.</param>
/// <param name="ServerName">The name that the client asked for (SNI); null for none.</param>
/// <param name="Resumed">Whether an earlier session was resumed; null where that is not known.</param>
/// <param name="Mutual">Both sides showed a certificate.</param>
internal sealed record TlsReport(
    string Protocol, string CipherSuite, string? ApplicationProtocol, string? ServerName, bool? Resumed, bool Mutual)
{
    public static TlsReport Of(TlsDetails tls) => new(
        tls.Protocol switch
        {
            System.Security.Authentication.SslProtocols.Tls12 => "TLS 1.2",
            System.Security.Authentication.SslProtocols.Tls13 => "TLS 1.3",
            var other => $"{other}",
        },
        $"{tls.CipherSuite}",
        tls.ApplicationProtocol,
        tls.ServerName,
        tls.IsResumed,
        tls.IsMutuallyAuthenticated);
}

/// <summary>What a proxy said by the PROXY protocol. All of it is the proxy's word.</summary>
/// <param name="Address">The address from which the proxy connected.</param>
/// <param name="Version">The version of the protocol, 1 or 2.</param>
/// <param name="ApplicationProtocol">What was negotiated with the client (ALPN); null where it was not said.</param>
/// <param name="ServerName">The host that the client asked for; null likewise.</param>
/// <param name="UniqueId">What the proxy calls the connection, as text or in hexadecimal digits; null likewise.</param>
/// <param name="TlsVersion">The TLS that the proxy ended; null likewise.</param>
/// <param name="CipherSuite">Its suite, in OpenSSL's words; null likewise.</param>
/// <param name="ClientName">The common name in the client's certificate; null likewise.</param>
/// <param name="ClientVerified">Whether the proxy accepted that certificate; null where there was none.</param>
internal sealed record ProxyReport(
    string Address, int Version, string? ApplicationProtocol, string? ServerName, string? UniqueId, string? TlsVersion, string? CipherSuite,
    string? ClientName, bool? ClientVerified)
{
    public static ProxyReport Of(ProxyHeader proxy, string address) => new(
        address,
        proxy.Version,
        proxy.ApplicationProtocol,
        proxy.Authority,
        ProxyDescription.UniqueId(proxy),
        proxy.Tls?.Version,
        proxy.Tls?.Cipher,
        proxy.Tls?.CommonName,
        proxy.Tls is { HasSessionCertificate: true } tls ? tls.IsVerified : null);
}

/// <summary>How the report is written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConnectionReport))]
internal sealed partial class ConnectionReportJson : JsonSerializerContext;
