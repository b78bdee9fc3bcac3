using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>How rawecho-server ends HTTP connections by itself: at SIGTERM under load, and at the end of their lifetime.</summary>
public sealed class HttpStopTests(Certificates certificates)
{
    private const string Body = "first last";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_has_just_shaken_hands_has_its_first_request_answered_after_SIGTERM()
    {
        Requires.Signals();
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions]);
        WireHttp1[] fresh = await ManyAsync(8, () => WireHttp1.ConnectAsync(server.Http, certificates));
        // A client has shaken hands when it has sent its last flight, the server when it has read that.
        await TimeLimit.Until(
            () => server.Process.Lines.Count(l => l.Contains("accepted", StringComparison.Ordinal)) == fresh.Length,
            "all have shaken hands");
        server.Process.Signal(PosixSignal.SIGTERM);
        await server.Process.WaitForLineAsync("draining");
        foreach (WireHttp1 client in fresh[..4])
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            WireAnswer? answer = await client.ReadAnswerAsync();
            Assert.Equal("Hello World", answer?.Body);
            Assert.True(await client.EndsAsync());
        }

        // Who asks for nothing does not hold up the end.
        foreach (WireHttp1 client in fresh[4..]) Assert.True(await client.EndsAsync());
        (await server.Process.ExitAsync()).EndedWith(Exit.Success).WithOutput("HTTP requests: 4 (2xx 4)");
    }

    [Fact]
    public async Task SIGTERM_under_load_loses_no_request_that_was_begun_and_cuts_no_answer()
    {
        Requires.Signals();
        await using RunningHttpServer server =
            await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--admin", "127.0.0.1:0"]);
        using var admin = new HttpClient { BaseAddress = server.Admin };
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/readyz", Stop)).StatusCode);

        WireHttp1[] busy = await ManyAsync(16, () => WireHttp1.ConnectAsync(server.Http, certificates));
        WireHttp1[] bodies = await ManyAsync(4, () => BeginBodyAsync(server.Http));
        WireHttp1[] idle = await ManyAsync(4, () => BecomeIdleAsync(server.Http));
        WireHttp2[] shared = await ManyAsync(4, () => WireHttp2.ConnectAsync(server.Http, certificates));
        int[] streams = await Task.WhenAll(shared.Select(BeginBodyAsync));
        int answers = 0;
        Task[] load1 = [.. busy.Select(LoadConnectionAsync)];
        Task[] load2 = [.. shared.SelectMany(c => Enumerable.Range(0, 8).Select(_ => LoadStreamAsync(c)))];
        await TimeLimit.Until(() => Volatile.Read(ref answers) > 500, "the load has begun");
        // The server gives them 5 s, and has received what they sent when others are answered after it.
        WireHttp1[] heads = await ManyAsync(4, () => BeginHeadAsync(server.Http));
        int before = Volatile.Read(ref answers);
        await TimeLimit.Until(() => Volatile.Read(ref answers) > before + 200, "the load goes on");

        server.Process.Signal(PosixSignal.SIGTERM);
        await server.Process.WaitForLineAsync("draining");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync("/readyz", Stop)).StatusCode);
        Assert.All(await Task.WhenAll(idle.Select(c => c.EndsAsync())), Assert.True);
        await Task.WhenAll(load1);
        await Task.WhenAll(shared.Select(c => c.FirstGoAway.WithinLimit()));
        Assert.False(server.Process.HasExited);

        // What was begun before is answered now, and the connection ends after it.
        foreach (WireHttp1 client in heads)
        {
            await client.SendAsync("\r\n");
            WireAnswer? answer = await client.ReadAnswerAsync();
            Assert.Equal((true, "Hello World"), (answer?.EndsConnection, answer?.Body));
            Assert.True(await client.EndsAsync());
        }

        foreach (WireHttp1 client in bodies)
        {
            await client.SendAsync("last");
            Assert.Equal("last", await client.TakeThroughAsync("last"));
            Assert.True(await client.EndsAsync());
        }

        for (int i = 0; i < shared.Length; i++)
        {
            await shared[i].SendBodyAsync(streams[i], "last", isLast: true);
            Assert.Equal(Body, await shared[i].AnswerAsync(streams[i]));
        }

        await Task.WhenAll(load2);
        // Although this side stays.
        await Task.WhenAll(shared.Select(c => c.Ended.WithinLimit()));
        foreach (WireHttp2 client in shared) await client.DisposeAsync();
        ProgramResult result = (await server.Process.ExitAsync()).EndedWith(Exit.Success);
        int all = answers + heads.Length + bodies.Length + idle.Length + shared.Length;
        result.WithOutput(string.Create(CultureInfo.InvariantCulture, $"HTTP requests: {all} (2xx {all})"));
        Assert.Equal(0, result.Count("DrainTimeout"));

        // The server ends it with an answer that says so, or in order between two requests.
        async Task LoadConnectionAsync(WireHttp1 client)
        {
            while (await client.GetAsync("/") is { } answer)
            {
                Assert.Equal("Hello World", answer.Body);
                Interlocked.Increment(ref answers);
                if (!answer.EndsConnection) continue;
                Assert.True(await client.EndsAsync());
                break;
            }

            await client.DisposeAsync();
        }

        async Task LoadStreamAsync(WireHttp2 client)
        {
            while (!client.FirstGoAway.IsCompleted && await client.GetAsync("/") is { } body)
            {
                Assert.Equal("Hello World", body);
                Interlocked.Increment(ref answers);
            }
        }
    }

    [Fact]
    public async Task A_connection_past_its_lifetime_ends_after_the_request_that_is_under_way()
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--max-lifetime", "1s"]);
        WireHttp1 head = await BeginHeadAsync(server.Http), body = await BeginBodyAsync(server.Http);
        WireHttp2 shared = await WireHttp2.ConnectAsync(server.Http, certificates);
        int stream = await BeginBodyAsync(shared);
        WireHttp1 idle = await BecomeIdleAsync(server.Http);
        // The youngest of them.
        Assert.True(await idle.EndsAsync());
        await shared.FirstGoAway.WithinLimit();
        await Task.Delay(250, Stop);

        await head.SendAsync("\r\n");
        WireAnswer? answer = await head.ReadAnswerAsync();
        Assert.Equal((true, "Hello World"), (answer?.EndsConnection, answer?.Body));
        Assert.True(await head.EndsAsync());
        await body.SendAsync("last");
        Assert.Equal("last", await body.TakeThroughAsync("last"));
        Assert.True(await body.EndsAsync());
        await shared.SendBodyAsync(stream, "last", isLast: true);
        Assert.Equal(Body, await shared.AnswerAsync(stream));
        await shared.Ended.WithinLimit();
        await shared.DisposeAsync();
        (await server.StopAsync()).WithOutput("Endings: LifetimeEnded 4").WithOutput("HTTP requests: 4 (2xx 4)");
    }

    private static async Task<T[]> ManyAsync<T>(int count, Func<Task<T>> create) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => create()));

    private async Task<WireHttp1> BeginHeadAsync(Uri server)
    {
        WireHttp1 client = await WireHttp1.ConnectAsync(server, certificates);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n");
        return client;
    }

    private async Task<WireHttp1> BeginBodyAsync(Uri server)
    {
        WireHttp1 client = await WireHttp1.ConnectAsync(server, certificates);
        await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Body.Length}\r\n\r\nfirst ");
        await client.TakeThroughAsync("\r\n\r\nfirst ");
        return client;
    }

    private static async Task<int> BeginBodyAsync(WireHttp2 client)
    {
        int stream = (await client.BeginAsync("POST", "/echo"))!.Value;
        await client.SendBodyAsync(stream, "first ", isLast: false);
        await client.UntilReceivedAsync(stream, "first ");
        return stream;
    }

    private async Task<WireHttp1> BecomeIdleAsync(Uri server)
    {
        WireHttp1 client = await WireHttp1.ConnectAsync(server, certificates);
        WireAnswer? answer = await client.GetAsync("/");
        Assert.Equal((false, "Hello World"), (answer?.EndsConnection, answer?.Body));
        return client;
    }
}
