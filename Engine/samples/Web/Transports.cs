using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RawEcho.Engine.AspNetCore;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;

namespace RawEcho.Samples.Web;

/// <summary>The switch: mutual TLS on the engine, or on Kestrel's own transport.</summary>
internal static class Transports
{
    public static void UseEngine(this IWebHostBuilder builder, IPEndPoint address, TlsIdentity identity, X509Certificate2Collection roots)
    {
        // All of this application is asynchronous.
        builder.UseRawEcho(options => options.ApplicationThreads = ApplicationThreads.EventLoop);
        builder.ConfigureKestrel(kestrel => kestrel.Listen(
            address, listen => listen.UseRawEchoTls(new TlsServerOptions { Identity = identity, TrustedRoots = roots })));
    }

    public static void UseStock(this IWebHostBuilder builder, IPEndPoint address, TlsIdentity identity, X509Certificate2Collection roots)
    {
        builder.UseKestrelHttpsConfiguration();
        builder.ConfigureKestrel(kestrel => kestrel.Listen(address, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = identity.Certificate,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, _) => IsOf(roots, certificate),
        })));
    }

    // The system's roots do not count.
    private static bool IsOf(X509Certificate2Collection roots, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
