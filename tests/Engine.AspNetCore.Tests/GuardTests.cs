using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Guarded endpoints. The process has one event loop, which the clients use, too.</summary>
public sealed class GuardTests
{
    private const string OnLoop = "false";
    private const string OnPool = "true";

    // A machine under load pauses; what is to be too long is far longer.
    private static readonly GuardSettings Settings = new()
    {
        RunsBeforePromotion = 20,
        LongestRun = TimeSpan.FromSeconds(1),
        TooLongRun = TimeSpan.FromSeconds(1),
        Retry = TimeSpan.FromHours(1),
        Stall = TimeSpan.FromMilliseconds(500),
    };

    private static readonly ManualResetEvent Never = new(false);

    [Fact]
    public async Task An_application_that_does_not_block_moves_to_the_event_loop_and_stays()
    {
        await using WebHost host = await StartAsync(Settings);
        using HttpClient client = host.CreateClient();
        Assert.Equal(OnPool, await client.GetStringAsync("/").WithinLimit());
        await MoveAsync(client);
        for (int i = 0; i < 100; i++) await client.GetStringAsync("/").WithinLimit();
        Assert.Equal(OnLoop, await ThreadOfAsync(client));
        await TimeLimit.Until(() => host.Log.Lines.Any(IsOfGuard), "it is logged");
        LogLine moved = Assert.Single(host.Log.Lines, IsOfGuard);
        Assert.Contains("moves to the event loops", moved.Text, StringComparison.Ordinal);
        Assert.Empty(host.Log.Above(LogLevel.Information));

        static bool IsOfGuard(LogLine line) => line is { Category: "RawEcho.Engine.AspNetCore", Level: LogLevel.Information };
    }

    [Theory]
    [InlineData("/wait/5")]
    [InlineData("/blocked")]
    [InlineData("/self")]
    public async Task An_application_that_waits_synchronously_stays_on_the_pool_and_is_told_of_once(string path)
    {
        await using WebHost host = await StartAsync(Settings);
        using HttpClient client = host.CreateClient();
        for (int i = 0; i < 60; i++) await client.GetStringAsync(path).WithinLimit();
        Assert.Equal(OnPool, await ThreadOfAsync(client));
        await TimeLimit.Until(() => host.Log.Lines.Any(IsOfWaiting), "it is logged");
        LogLine line = Assert.Single(host.Log.Lines, IsOfWaiting);
        Assert.Contains($"GET HTTP: GET {path[..5]}", line.Text, StringComparison.Ordinal);
        Assert.True(line.Text.Contains(nameof(GuardTests), StringComparison.Ordinal), line.Text);

        static bool IsOfWaiting(LogLine line) => line.Text.Contains("waits synchronously", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_computes_for_long_stays_on_the_pool()
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(5);
        await using WebHost host = await StartAsync(Settings with { LongestRun = limit, TooLongRun = limit });
        using HttpClient client = host.CreateClient();
        for (int i = 0; i < 60; i++) await client.GetStringAsync("/sleep/8").WithinLimit();
        Assert.Equal(OnPool, await ThreadOfAsync(client));
        Assert.DoesNotContain(host.Log.Lines, l => l.Text.Contains("moves to", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/wait/300", "waited synchronously")]
    [InlineData("/task/300", "waited synchronously")]
    [InlineData("/sleep/1300", "held its event loop")]
    public async Task One_that_begins_to_block_on_the_loop_goes_back_to_the_pool_at_once(string path, string says)
    {
        await using WebHost host = await StartAsync(Settings);
        using HttpClient client = host.CreateClient(), other = host.CreateClient();
        await MoveAsync(client);
        // The first one comes with the end of the handshake, which is on the pool.
        await ThreadOfAsync(other);
        Assert.Equal(OnLoop, await ThreadOfAsync(other));
        await client.GetStringAsync(path).WithinLimit();
        await TimeLimit.Until(() => host.Log.Above(LogLevel.Information).Any(l => l.Level == LogLevel.Warning), "it is logged");
        LogLine line = host.Log.Above(LogLevel.Information).First(l => l.Level == LogLevel.Warning);
        Assert.Contains(says, line.Text, StringComparison.Ordinal);
        Assert.Contains($"GET HTTP: GET {path[..5]}", line.Text, StringComparison.Ordinal);
        if (says.StartsWith("waited", StringComparison.Ordinal)) Assert.Contains(nameof(GuardTests), line.Text, StringComparison.Ordinal);
        // It blocks still, and holds up nobody.
        for (int i = 0; i < 3; i++)
        {
            Task<string> blocking = client.GetStringAsync("/wait/200");
            Assert.Equal(OnPool, await ThreadOfAsync(other));
            await blocking.WithinLimit();
        }

        for (int i = 0; i < 60; i++) await other.GetStringAsync("/").WithinLimit();
        Assert.Equal(OnPool, await ThreadOfAsync(other));
    }

    [Fact]
    public async Task A_loop_that_is_held_is_reported_as_stalled()
    {
        await using WebHost host = await StartAsync(Settings);
        RawEchoTransport transport = host.Application.Services.GetRequiredService<RawEchoTransport>();
        using HttpClient client = host.CreateClient();
        await MoveAsync(client);
        Assert.False(transport.HasStalledLoop);
        Task<string> blocking = client.GetStringAsync("/sleep/1500");
        // The test must not wait on the loop itself.
        Assert.True(await Task.Run(() => SpinWait.SpinUntil(() => transport.HasStalledLoop, TimeLimit.Default)));
        await blocking.WithinLimit();
        await TimeLimit.Until(() => !transport.HasStalledLoop, "the loop goes on");
        Assert.Single(host.Log.Lines, l => l.Level == LogLevel.Critical);
    }

    [Fact]
    public async Task What_follows_other_awaits_runs_on_the_pool()
    {
        await using WebHost host = await StartAsync(Settings);
        using HttpClient client = host.CreateClient();
        await MoveAsync(client);
        Assert.Equal(OnPool, await client.GetStringAsync("/later").WithinLimit());
        Assert.Equal(OnLoop, await ThreadOfAsync(client));
    }

    private static Task<WebHost> StartAsync(GuardSettings settings) => WebHost.StartAsync(
        ServedBy.Guarded,
        a =>
        {
            a.MapGet("/", () => Thread.CurrentThread.IsThreadPoolThread);
            a.MapGet("/wait/{ms:int}", (int ms) => Shown(() => Never.WaitOne(ms)));
            a.MapGet("/task/{ms:int}", (int ms) => Shown(() => Task.Delay(ms).Wait(TimeLimit.Default)));
            a.MapGet("/sleep/{ms:int}", (int ms) => Thread.Sleep(ms));
            a.MapGet("/blocked", () => Shown(() => BlockedAsync().Wait(TimeLimit.Default)));
            a.MapGet("/self", () => Shown(() => BlockedAsync().GetAwaiter().GetResult() > 0));
            a.MapGet("/later", async () =>
            {
                await Task.Delay(1);
                return Thread.CurrentThread.IsThreadPoolThread;
            });
        },
        (host, kestrel) => kestrel.Listen(System.Net.IPAddress.Loopback, 0, host.UseTls),
        builder => builder.WebHost.UseRawEcho(o => o.Guard = settings));

    // Whatever the compiler makes of a delegate, this frame is on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Shown(Func<bool> wait) => !wait();

    // Completes when its caller has blocked: on a busy machine a time may be over while the runtime still spins.
    private static async Task<int> BlockedAsync()
    {
        Thread caller = Thread.CurrentThread;
        await Task.Run(() =>
        {
            int blocked = 0;
            while (blocked < 2)
            {
                Thread.Sleep(1);
                blocked = caller.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? blocked + 1 : 0;
            }
        }).ConfigureAwait(false);
        return 1;
    }

    // A request that comes while the connection looks for the end of the one before is served where that went on.
    private static async Task<string> ThreadOfAsync(HttpClient client)
    {
        await Task.Delay(20);
        return await client.GetStringAsync("/").WithinLimit();
    }

    private static async Task MoveAsync(HttpClient client)
    {
        for (int i = 0; i < 1000 && await ThreadOfAsync(client) != OnLoop; i++)
        {
            // Again.
        }
    }
}
