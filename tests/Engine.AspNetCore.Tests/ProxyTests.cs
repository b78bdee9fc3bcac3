using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RawEcho.Engine.Proxy;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>The PROXY protocol in front of Kestrel.</summary>
public sealed class ProxyTests
{
    private static readonly ProxyProtocolOptions FromHere =
        new() { Proxies = [new IPNetwork(IPAddress.Loopback, 32)], TrustClientName = true };

    [Theory]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    [InlineData(ServedBy.Guarded)]
    public async Task An_application_sees_the_addresses_that_the_proxy_told(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server,
            a => a.MapGet("/", (HttpContext c) => Describe(c.Connection, c.Features.Get<IEngineConnectionFeature>()!.Connection)),
            (h, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, h.UseTls),
            builder => builder.Services.Configure<RawEchoTransportOptions>(o => o.Proxy = FromHere));
        byte[] header = ProxyBytes.Version2(
            "203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Value(0x02, "shop.example"), ProxyBytes.Tls(7, 0, "alice"));
        await using (WireClient client = await WireClient.ConnectAsync(host, first: header))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            // The certificate of the connection is that of whoever made it: the proxy.
            Assert.Contains(
                "203.0.113.7 4711 198.51.100.1 443 shop.example alice by CN=client", await client.ReadToEndAsync(),
                StringComparison.Ordinal);
        }

        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
    }

    private static string Describe(ConnectionInfo http, Connection engine) =>
        $"{http.RemoteIpAddress} {http.RemotePort} {http.LocalIpAddress} {http.LocalPort} "
        + $"{engine.Proxy!.Authority} {engine.ProxyClientName} by {http.ClientCertificate!.Subject}";
}
