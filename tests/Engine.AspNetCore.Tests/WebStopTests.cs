using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>How a server stops, and what is left then.</summary>
public sealed class WebStopTests
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
    public async Task Requests_that_were_begun_are_answered(ServedBy server, string version)
    {
        var begun = new CountdownEvent(8);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var told = new CountdownEvent(8);
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/slow", async (HttpContext context) =>
        {
            var lifetime = context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>();
            lifetime.ConnectionClosedRequested.Register(() => told.Signal());
            begun.Signal();
            await goOn.Task;
            return "answered";
        }));
        HttpClient[] clients = [.. Enumerable.Range(0, 8).Select(_ => host.CreateClient(version: Version.Parse(version)))];
        Task<HttpResponseMessage>[] requests = [.. clients.Select(c => c.GetAsync("/slow"))];
        await Task.Run(() => Assert.True(begun.Wait(TimeLimit.Default)));
        Task stopping = host.Application.StopAsync();
        using HttpClient late = host.CreateClient(version: Version.Parse(version));
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync("/slow").WithinLimit());
        await Task.Run(() => Assert.True(told.Wait(TimeLimit.Default)));
        // What was registered last is called first: Kestrel itself hears of it in the same moment, after the test.
        await Task.Delay(250);
        goOn.SetResult();
        foreach (HttpResponseMessage answer in await Task.WhenAll(requests).WithinLimit())
        {
            Assert.Equal("answered", await answer.Content.ReadAsStringAsync().WithinLimit());
            if (version == "1.1") Assert.True(answer.Headers.ConnectionClose);
        }

        await stopping.WithinLimit();
        foreach (HttpClient client in clients) client.Dispose();
        if (server == ServedBy.Stock) return;
        // What is left waits for the peer's FIN.
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "all connections are closed");
        Assert.Equal((0, 0), (host.Statistics.Pools.ArgsInUse, host.Statistics.Pools.BuffersInUse));
        Assert.Equal(8, host.Endings.Closed.Count);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_stop_under_load_loses_no_answer(ServedBy server, string version)
    {
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/", () => "hello"));
        var wrong = new ConcurrentQueue<string>();
        using var enough = new CountdownEvent(400);
        Task[] load = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            using HttpClient client = host.CreateClient(version: Version.Parse(version));
            while (true)
            {
                try
                {
                    string answer = await client.GetStringAsync("/");
                    if (answer != "hello") wrong.Enqueue(answer);
                    if (!enough.IsSet) enough.Signal();
                }
                catch (HttpRequestException e)
                {
                    // Refused, or the connection was closed before the request reached it: never in the middle of an answer.
                    bool isCut = e.HttpRequestError == HttpRequestError.ResponseEnded && e.InnerException is not HttpIOException;
                    if (isCut) wrong.Enqueue(e.ToString());
                    return;
                }
                catch (InvalidOperationException)
                {
                    // The countdown was reached by another client meanwhile.
                }
            }
        })];
        await Task.Run(() => Assert.True(enough.Wait(TimeLimit.Default)));
        await host.Application.StopAsync().WithinLimit();
        await Task.WhenAll(load).WithinLimit();
        Assert.Empty(wrong);
        Assert.Empty(host.Log.Above(Microsoft.Extensions.Logging.LogLevel.Information).Select(l => l.Text));
    }

    [Theory]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task A_request_that_does_not_end_is_aborted_at_the_time_limit(ServedBy server)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/never", async (HttpContext context) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
        using HttpClient client = host.CreateClient();
        Task<string> request = client.GetStringAsync("/never");
        await begun.Task.WithinLimit();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await host.Application.StopAsync(limit.Token).WithinLimit();
        await Assert.ThrowsAsync<HttpRequestException>(() => request.WithinLimit());
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal((0, 0), (host.Statistics.Pools.ArgsInUse, host.Statistics.Pools.BuffersInUse));
        Assert.Equal([CloseReason.LocalClosed], host.Endings.Reasons);
    }
}
