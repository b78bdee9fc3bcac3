using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Several certificates on one endpoint, chosen by the name that the client asks for (SNI).</summary>
public sealed class ServerNameTests
{
    public static TheoryData<ServedBy, string> All => new()
    {
        { ServedBy.Stock, "1.1" },
        { ServedBy.ThreadPool, "1.1" },
        { ServedBy.EventLoop, "1.1" },
        { ServedBy.Stock, "2.0" },
        { ServedBy.ThreadPool, "2.0" },
        { ServedBy.EventLoop, "2.0" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_name_has_its_certificate_and_others_the_first(ServedBy server, string version)
    {
        using var pki = new TestPki();
        using TlsIdentity one = Identity(pki, "one"), two = Identity(pki, "two"), other = Identity(pki, "other");
        TlsIdentity? Select(string? name) => name switch { "one.test" => one, "two.test" => two, _ => null };
        await using WebHost host = await WebHost.StartAsync(
            server,
            a => a.MapGet("/", Describe),
            (h, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (server == ServedBy.Stock)
                {
                    listen.UseHttps(new HttpsConnectionAdapterOptions
                    {
                        ServerCertificateSelector = (_, name) => (Select(name) ?? other).Certificate,
                        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                        ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == h.Pki.Issuer.Subject,
                    });
                }
                else
                {
                    listen.UseRawEchoTls(h.Tls with { Identity = other, SelectIdentity = Select });
                }
            }));
        string protocol = version == "2.0" ? "HTTP/2" : "HTTP/1.1";
        // Twice: the second time the session is resumed, if it can be.
        foreach (string name in new[] { "one", "two", "other", "two", "one" })
        {
            (string subject, string seen) = await AskAsync(host, pki, $"{name}.test", Version.Parse(version));
            string shown = server == ServedBy.Stock ? "" : $"CN={name}";
            Assert.Equal(($"CN={name}", $"{name}.test {protocol} CN=client {shown}"), (subject, seen));
        }
    }

    // The engine says which certificate it has shown; stock Kestrel does not.
    private static string Describe(HttpContext context)
    {
        string name = context.Features.GetRequiredFeature<ITlsHandshakeFeature>().HostName;
        X509Certificate? shown = context.Features.Get<IEngineConnectionFeature>()?.Connection.Ssl?.LocalCertificate;
        return $"{name} {context.Request.Protocol} {context.Connection.ClientCertificate?.Subject} {shown?.Subject}";
    }

    private static TlsIdentity Identity(TestPki pki, string name) =>
        pki.Identity(new Leaf { Subject = $"CN={name}", Purposes = [TestPki.ServerAuth], DnsNames = [$"{name}.test"] });

    /// <summary>Asks over a new connection, by a client that verifies that the certificate is made for the name.</summary>
    /// <returns>The subject of the server's certificate, and the answer.</returns>
    private static async Task<(string Subject, string Answer)> AskAsync(WebHost host, TestPki pki, string name, Version version)
    {
        string? subject = null;
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.AddRange(pki.Roots);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(host.EndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [host.ClientCertificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => host.ClientCertificate,
                CertificateChainPolicy = trust,
                RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                {
                    subject = shown?.Subject;
                    return errors == SslPolicyErrors.None;
                },
            },
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        string answer = await client.GetStringAsync(new Uri($"https://{name}:{host.EndPoint.Port}/")).WithinLimit();
        return (subject ?? "none", answer);
    }
}
