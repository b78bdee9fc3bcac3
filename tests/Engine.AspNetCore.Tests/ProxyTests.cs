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
    [Theory]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    [InlineData(ServedBy.Guarded)]
    public async Task An_application_sees_the_addresses_that_the_proxy_told(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server,
            a => a.MapGet("/", (HttpContext c) =>
                $"{c.Connection.RemoteIpAddress} {c.Connection.RemotePort} {c.Connection.LocalIpAddress} {c.Connection.LocalPort} "
                + c.Features.Get<IEngineConnectionFeature>()!.Connection.Proxy!.Authority),
            (h, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, h.UseTls),
            builder => builder.Services.Configure<RawEchoTransportOptions>(
                o => o.Proxy = new ProxyProtocolOptions { Proxies = [new IPNetwork(IPAddress.Loopback, 32)] }));
        byte[] header = ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Value(0x02, "shop.example"));
        await using (WireClient client = await WireClient.ConnectAsync(host, first: header))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Assert.Contains("203.0.113.7 4711 198.51.100.1 443 shop.example", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
    }
}
