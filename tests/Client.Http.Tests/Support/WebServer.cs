using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace RawEcho.Client.Http.Tests.Support;

/// <summary>Kestrel on its own transport and SslStream, with the certificates of a test PKI.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebServer(WebApplication application, string scheme) => (_application, Scheme) = (application, scheme);

    public string Scheme { get; }

    public int Port => new Uri(_application.Urls.Single()).Port;

    /// <summary>Its URL by name, without a path.</summary>
    public string Url => $"{Scheme}://localhost:{Port}";

    /// <summary>Starts one.</summary>
    /// <param name="files">Its certificates; null for no TLS.</param>
    /// <param name="mutual">Ask for a client certificate, and refuse whoever shows none of the CA.</param>
    /// <param name="protocols">What it speaks.</param>
    /// <param name="tls">The versions of TLS.</param>
    /// <param name="map">More than the usual paths.</param>
    public static async Task<WebServer> StartAsync(
        TestFiles? files, bool mutual = true, HttpProtocols protocols = HttpProtocols.Http1AndHttp2,
        SslProtocols tls = SslProtocols.None, Action<WebApplication>? map = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = protocols;
            if (files is not null) endpoint.UseHttps(https => Configure(https, files, mutual, tls));
        }));
        WebApplication application = builder.Build();
        MapUsual(application);
        map?.Invoke(application);
        await application.StartAsync();
        return new WebServer(application, files is null ? "http" : "https");
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    private static void Configure(HttpsConnectionAdapterOptions https, TestFiles files, bool mutual, SslProtocols tls)
    {
        https.ServerCertificate = files.ServerCertificate;
        https.SslProtocols = tls;
        https.ClientCertificateMode = mutual ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
        https.ClientCertificateValidation = (certificate, _, _) => files.IsOwn(certificate);
    }

    private static void MapUsual(WebApplication application)
    {
        application.MapGet("/", () => "Hello World");
        application.MapMethods("/head", ["HEAD"], () => TypedResults.NoContent());
        application.MapMethods("/forbidden", ["HEAD"], () => TypedResults.StatusCode(403));
        application.MapPost("/echo", async (HttpContext context) =>
        {
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        application.MapGet("/request", (HttpContext context) =>
            $"{context.Request.Protocol} {context.Request.Method} {context.Request.Scheme}://{context.Request.Host} "
            + $"{context.Connection.ClientCertificate?.Subject} [{context.Request.Headers["X-Test"]}]");
        application.MapGet("/moved", () => TypedResults.Redirect("/"));
        application.MapGet("/fail", () => TypedResults.StatusCode(503));
    }
}
