using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>What serves, and on which threads.</summary>
public enum ServedBy
{
    Stock,
    ThreadPool,
    EventLoop,
    Guarded,
}

/// <summary>A web application over mutual TLS on a free port, on Kestrel's own transport or ours, and clients for it.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly ServedBy _server;

    private WebHost(ServedBy server)
    {
        _server = server;
        Identity = Pki.Identity(new Leaf { Subject = "CN=server", Purposes = [TestPki.ServerAuth] });
        ClientCertificate = Pki.Issue(new Leaf { Subject = "CN=client", Purposes = [TestPki.ClientAuth] });
    }

    public TestPki Pki { get; } = new();

    public TlsIdentity Identity { get; }

    public X509Certificate2 ClientCertificate { get; }

    public WebApplication Application { get; private set; } = null!;

    public LogRecorder Log { get; } = new();

    public EndingRecorder Endings { get; } = new();

    public Uri Address => new(Application.Urls.First());

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Address.Port);

    public RawEcho.Engine.Telemetry.EngineStatistics Statistics => Application.Services.GetRequiredService<RawEchoTransport>().Statistics!;

    /// <summary>Options of TLS with the host's own CA on both sides.</summary>
    public TlsServerOptions Tls => new() { Identity = Identity, TrustedRoots = Pki.Roots };

    /// <summary>Starts an application on one endpoint with mutual TLS.</summary>
    public static Task<WebHost> StartAsync(ServedBy server, Action<WebApplication> map, Action<ListenOptions>? endpoint = null) =>
        StartAsync(server, map, (host, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            endpoint?.Invoke(listen);
            host.UseTls(listen);
        }));

    public static async Task<WebHost> StartAsync(
        ServedBy server, Action<WebApplication> map, Action<WebHost, KestrelServerOptions> listen,
        Action<WebApplicationBuilder>? configure = null)
    {
        var host = new WebHost(server);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (server != ServedBy.Stock)
        {
            builder.WebHost.UseRawEcho(o =>
            {
                o.ApplicationThreads = Enum.Parse<ApplicationThreads>(server.ToString());
                // It moves in the middle of a test, and stays: a machine under load pauses for longer than an application may.
                o.Guard = o.Guard with { RunsBeforePromotion = 3, LongestRun = TimeLimit.Default, TooLongRun = TimeLimit.Default };
            });
        }

        builder.Services.AddRouting();
        builder.Services.AddSingleton<IConnectionObserver>(host.Endings);
        builder.Logging.AddProvider(host.Log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.ConfigureKestrel(o => listen(host, o));
        configure?.Invoke(builder);
        host.Application = builder.Build();
        map(host.Application);
        await host.Application.StartAsync().WithinLimit();
        return host;
    }

    /// <summary>Mutual TLS, in the way of the transport.</summary>
    public void UseTls(ListenOptions listen)
    {
        if (_server != ServedBy.Stock)
        {
            listen.UseRawEchoTls(Tls);
            return;
        }

        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Identity.Certificate,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == Pki.Issuer.Subject,
        });
    }

    /// <summary>A client that shows its certificate and trusts the host's CA.</summary>
    public HttpClient CreateClient(X509Certificate2? certificate = null, Version? version = null, bool anonymous = false)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            EnableMultipleHttp2Connections = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificates = anonymous ? null : [certificate ?? ClientCertificate],
                // Sends it whatever CAs the server names.
                LocalCertificateSelectionCallback = anonymous ? null : (_, _, _, _, _) => certificate ?? ClientCertificate,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == Pki.Issuer.Subject,
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = new UriBuilder(Address) { Host = "localhost" }.Uri,
            Timeout = TimeLimit.Default,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Application.DisposeAsync().WithinLimit();
        ClientCertificate.Dispose();
        Identity.Dispose();
        Pki.Dispose();
    }
}
