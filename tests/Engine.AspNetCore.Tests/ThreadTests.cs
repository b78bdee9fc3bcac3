using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Where the application's code runs. The process has one event loop.</summary>
public sealed class ThreadTests
{
    [Fact]
    public async Task On_the_thread_pool_a_handler_that_blocks_holds_up_nobody_else()
    {
        using var goOn = new ManualResetEventSlim();
        await using WebHost host = await WebHost.StartAsync(ServedBy.ThreadPool, a =>
        {
            a.MapGet("/block", () => goOn.Wait(TimeLimit.Default));
            a.MapGet("/", () => Thread.CurrentThread.IsThreadPoolThread);
        });
        using HttpClient blocked = host.CreateClient(), free = host.CreateClient();
        Assert.Equal("true", await blocked.GetStringAsync("/").WithinLimit());
        Task<string> blocking = blocked.GetStringAsync("/block");
        for (int i = 0; i < 20; i++) Assert.Equal("true", await free.GetStringAsync("/").WithinLimit());
        goOn.Set();
        await blocking.WithinLimit();
    }

    [Fact]
    public async Task On_the_thread_pool_a_handler_may_wait_synchronously_for_the_body()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool,
            a => a.MapPost("/", (Microsoft.AspNetCore.Http.HttpContext context) =>
            {
                using var reader = new StreamReader(context.Request.Body);
                // From another thread than the one that goes on with the request, too.
                return Task.Run(() => reader.ReadToEndAsync()).GetAwaiter().GetResult().Length;
            }));
        await using WireClient client = await WireClient.ConnectAsync(host);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n");
        for (int i = 0; i < 10; i++)
        {
            await client.SendAsync(new string('a', 10_000));
            await Task.Delay(5);
        }

        Assert.Contains("100000", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_event_loop_it_runs_there_by_endpoint()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool, a => a.MapGet("/", () => Thread.CurrentThread.IsThreadPoolThread),
            listen => listen.UseApplicationThreads(ApplicationThreads.EventLoop));
        using HttpClient client = host.CreateClient();
        // The first one may have come with the end of the handshake, which is on the pool.
        await client.GetStringAsync("/").WithinLimit();
        List<string> answers = [];
        for (int i = 0; i < 20; i++)
        {
            await Task.Delay(5);
            answers.Add(await client.GetStringAsync("/").WithinLimit());
        }

        Assert.Contains("false", answers);
    }
}
