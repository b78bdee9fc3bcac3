using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

public sealed class KeepAliveTests
{
    private static void Hello(WebApplication application) =>
        application.MapGet("/", (HttpContext context) => $"{context.Connection.Id} {context.Connection.ClientCertificate?.Subject}");

    [Theory]
    [InlineData(ServedBy.Stock)]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task Requests_of_one_client_share_a_connection_that_knows_its_certificate(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Hello);
        using HttpClient client = host.CreateClient();
        HashSet<string> answers = [];
        for (int i = 0; i < 20; i++) answers.Add(await client.GetStringAsync("/").WithinLimit());
        string answer = Assert.Single(answers);
        Assert.EndsWith(" CN=client", answer);
    }

    [Theory]
    [InlineData(ServedBy.Stock)]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task A_stop_ends_idle_connections_at_once(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Hello);
        using HttpClient client = host.CreateClient();
        await client.GetStringAsync("/").WithinLimit();
        var clock = Stopwatch.StartNew();
        await host.Application.StopAsync().WithinLimit();
        await host.Application.DisposeAsync().AsTask().WithinLimit();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        if (server != ServedBy.Stock) Assert.Equal([CloseReason.LocalClosed], host.Endings.Reasons);
    }
}
