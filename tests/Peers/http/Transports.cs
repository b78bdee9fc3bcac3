using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RawEcho.Engine.AspNetCore;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;

namespace RawEcho.Benchmarks.Http;

/// <summary>Where certificates lie, and the one protocol version.</summary>
internal sealed record CertificateFiles(string Ca, string Certificate, string Key, string Tls)
{
    public SslProtocols Protocol => Enum.Parse<SslProtocols>("Tls" + Tls.Replace(".", ""));
}

/// <summary>The same endpoint on either transport.</summary>
internal static class Transports
{
    public static void UseEngine(this IWebHostBuilder builder, IPEndPoint endPoint, CertificateFiles files, ApplicationThreads threads)
    {
        builder.UseRawEcho(options =>
        {
            options.ApplicationThreads = threads;
            // As rawecho-server does.
            options.Engine = options.Engine with { TrimMemory = true };
        });
        var tls = new TlsServerOptions
        {
            Identity = TlsIdentity.FromPem(files.Certificate, files.Key),
            TrustedRoots = TrustStore.Read(files.Ca),
            Protocols = files.Protocol,
        };
        builder.ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen => listen.UseRawEchoTls(tls)));
    }

    // The cheapest way that Kestrel has: the root named in the policy of the one chain that SslStream builds anyway.
    public static void UseStock(this IWebHostBuilder builder, IPEndPoint endPoint, CertificateFiles files, bool isInline)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(files.Ca);
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
            EnabledSslProtocols = files.Protocol,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        builder.UseKestrelHttpsConfiguration();
        builder.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = isInline);
        builder.ConfigureKestrel(kestrel => kestrel.Listen(
            endPoint, listen => listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls) })));
    }
}
