using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Behind the real HAProxy that ends TLS: whose name counts, and when.</summary>
public sealed class HaproxyTlsTests(Certificates certificates)
{
    private const string Required = "clients-ca.pem verify required", MayBeMissing = "clients-ca.pem verify optional";
    private static readonly (string, string) Optional = (Required, MayBeMissing);

    // HAProxy lets in whoever it would refuse, and says so to the server.
    private static readonly (string, string) LetsAnybodyIn = (Required, $"{MayBeMissing} crt-ignore-err all ca-ignore-err all");

    private string[] Nobody => ["--tls", "server", "--ca", certificates.Ca];

    [Fact]
    public async Task What_HAProxy_says_of_the_client_is_shown_and_the_client_is_HAProxy()
    {
        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, []);
        string line = await haproxy.ConnectAsync("accepted");
        Assert.Matches(@"^Client connection 127\.0\.0\.9:\d+ by 127\.0\.0\.1:\d+ accepted", line);
        await haproxy.Server.WaitForLineAsync("RemoteCertificate.Subject: CN=haproxy");
        await haproxy.Server.WaitForLineAsync("The proxy says: CN=test client, verified by the proxy alone");
        await haproxy.Server.WaitForLineAsync("The proxy says: the client came over TLSv1.3");
        await haproxy.Server.WaitForLineAsync("The proxy says: the client asked for localhost");
        await haproxy.Server.WaitForLineAsync("The proxy says: its id is ");
        // The second connection of HAProxy's certificate, in one line.
        await haproxy.ConnectAsync("accepted (Tls13, CN=haproxy)");
        Assert.DoesNotContain(haproxy.Server.Lines, l => l.Contains("--proxy-identity", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asked_for_what_HAProxy_says_is_who_the_client_is()
    {
        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, HaproxyTls.TrustIt);
        await haproxy.ConnectAsync("Client: CN=test client, as the proxy says (--proxy-identity)");
        string line = await haproxy.ConnectAsync("CN=test client by the word of CN=haproxy");
        Assert.Matches(@"^Client connection 127\.0\.0\.9:\d+ by 127\.0\.0\.1:\d+ accepted \(Tls13, CN=test client by", line);
        // Another client with the same certificate of HAProxy is described anew.
        PemFiles alice = certificates.Write("alice", new Leaf { Subject = "CN=alice" });
        await haproxy.ConnectAsync("Client: CN=alice, as the proxy says", Certificates.Options(certificates.Ca, alice));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HTTP_has_it_too(bool trust)
    {
        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, trust ? HaproxyTls.TrustIt : [], "--http");
        ProgramResult answer = await LoadRun.RunAsync(
            ["get", $"https://{haproxy.Address}/connection", "--quiet", .. certificates.ClientOptions]);
        answer.EndedWith(Exit.Success);
        using JsonDocument report = JsonDocument.Parse(string.Join('\n', answer.Output));
        JsonElement proxy = report.RootElement.GetProperty("proxy");
        Assert.Equal(
            ("test client", true, "TLSv1.3", "localhost"),
            (proxy.GetProperty("clientName").GetString(), proxy.GetProperty("clientVerified").GetBoolean(),
                proxy.GetProperty("tlsVersion").GetString(), proxy.GetProperty("serverName").GetString()));
        Assert.Equal("CN=haproxy", report.RootElement.GetProperty("client").GetProperty("subject").GetString());
        Assert.Equal(trust ? "test client" : null, report.RootElement.GetProperty("clientName").GetString());
        string checks = report.RootElement.GetProperty("checks").ToString();
        Assert.Equal(trust, checks.Contains("The proxy says that it has verified", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused_where_the_name_counts_and_shown_where_not()
    {
        await using (HaproxyTls shown = await HaproxyTls.StartAsync(certificates, [], edit: Optional))
            await shown.ConnectAsync("The proxy says: the client showed no certificate", Nobody);
        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, HaproxyTls.TrustIt, edit: Optional);
        string line = await haproxy.ConnectAsync("ProxyIdentityMissing", Nobody);
        Assert.Matches(@"Refused 127\.0\.0\.9:\d+: ProxyIdentityMissing\. The proxy says that the client showed no certificate\.$", line);
        await haproxy.ConnectAsync("Client: CN=test client");
    }

    [Fact]
    public async Task A_client_whose_certificate_HAProxy_did_not_accept_or_that_has_no_name_is_refused()
    {
        PemFiles foreign = certificates.WriteForeign("root", new Leaf { Subject = "CN=root" });
        PemFiles nameless = certificates.Write("nameless", new Leaf { Subject = "O=Nobody" });
        await using (HaproxyTls shown = await HaproxyTls.StartAsync(certificates, [], edit: LetsAnybodyIn))
        {
            await shown.ConnectAsync(
                "The proxy says: CN=root, NOT verified by the proxy alone", Certificates.Options(certificates.Ca, foreign));
        }

        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, HaproxyTls.TrustIt, edit: LetsAnybodyIn);
        await haproxy.ConnectAsync(
            "ProxyIdentityMissing. The proxy did not accept the certificate of the client.",
            Certificates.Options(certificates.Ca, foreign));
        await haproxy.ConnectAsync(
            "ProxyIdentityMissing. The proxy does not say the common name", Certificates.Options(certificates.Ca, nameless));
        await haproxy.ConnectAsync("Client: CN=test client");
        Assert.DoesNotContain(haproxy.Server.Lines, l => l.StartsWith("Client: CN=root", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_claims_a_name_needs_the_address_and_the_certificate_of_a_proxy()
    {
        await using HaproxyTls haproxy = await HaproxyTls.StartAsync(certificates, HaproxyTls.TrustIt);
        PemFiles proxy = haproxy.WriteOfHop("haproxy"), other = haproxy.WriteOfHop("other");
        Assert.False(await TryClaimAsync(haproxy.ServerPort, "127.0.0.2", proxy));
        await haproxy.Server.WaitForLineAsync("127.0.0.2:");
        Assert.Contains(haproxy.Server.Lines, l => l.Contains("is no proxy, and only proxies may connect.", StringComparison.Ordinal));
        Assert.False(await TryClaimAsync(haproxy.ServerPort, "127.0.0.1", other));
        await haproxy.Server.WaitForLineAsync(l => l.Contains("Refused 203.0.113.7:", StringComparison.Ordinal)
            && l.Contains("PeerCertificateRefused", StringComparison.Ordinal), "the refusal of the other certificate");
        // That the claim is well made: a proxy's own is believed.
        Assert.True(await TryClaimAsync(haproxy.ServerPort, "127.0.0.1", proxy));
        await haproxy.Server.WaitForLineAsync("Client: CN=root, as the proxy says");
    }

    // As a proxy would: the header with a name in it, then TLS with a certificate of its own.
    private static async Task<bool> TryClaimAsync(int port, string from, PemFiles own)
    {
        using var client = new TcpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(from), 0));
        await client.ConnectAsync("127.0.0.1", port).WithinLimit();
        byte[] header = ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Tls(7, 0, "root"));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(own.Certificate, own.Key);
        try
        {
            await client.GetStream().WriteAsync(header).AsTask().WithinLimit();
            await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, _) => shown?.Issuer == "CN=Hop CA");
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "echo.internal",
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            }).WithinLimit();
            await tls.WriteAsync("root"u8.ToArray()).AsTask().WithinLimit();
            return await tls.ReadAsync(new byte[4]).AsTask().WithinLimit() == 4;
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
        {
            return false;
        }
    }
}
