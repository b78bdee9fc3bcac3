// The echo server in the way of ASP.NET Core: a ConnectionHandler behind Kestrel's TLS, with inline scheduling.
// Usage: kestrel-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

if (args is not [var port, var caFile, var certFile, var keyFile, var tlsVersion])
{
    Console.Error.WriteLine("Usage: kestrel-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3");
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
SslServerAuthenticationOptions tls = Tls(caFile, certFile, keyFile, tlsVersion);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(port), listen =>
{
    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls) });
    listen.UseConnectionHandler<EchoHandler>();
}));

await using WebApplication app = builder.Build();
await app.StartAsync();
Console.WriteLine($"Listening on 127.0.0.1:{new Uri(app.Urls.Single()).Port}");
await app.WaitForShutdownAsync();
return 0;

// ClientCertificateMode.RequireCertificate in the form that lets the root be named without a second chain being built.
static SslServerAuthenticationOptions Tls(string ca, string cert, string key, string version)
{
    var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    policy.CustomTrustStore.ImportFromPemFile(ca);
    return new SslServerAuthenticationOptions
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(cert, key), null, offline: true),
        ClientCertificateRequired = true,
        CertificateChainPolicy = policy,
        EnabledSslProtocols = Enum.Parse<SslProtocols>("Tls" + version.Replace(".", "")),
    };
}

internal sealed class EchoHandler : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer) output.Write(part.Span);
            input.AdvanceTo(result.Buffer.End);
            FlushResult flushed = await output.FlushAsync();
            if (result.IsCompleted || flushed.IsCompleted) return;
        }
    }
}
