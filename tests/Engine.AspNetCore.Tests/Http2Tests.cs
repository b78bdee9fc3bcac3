using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>HTTP/2 on Kestrel's own transport and on ours: the answers are equal.</summary>
public sealed class Http2Tests
{
    public static TheoryData<ServedBy> All => [ServedBy.Stock, ServedBy.ThreadPool, ServedBy.EventLoop, ServedBy.Guarded];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Many_streams_share_one_connection(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/{n:int}", async (HttpContext context, int n) =>
        {
            await Task.Yield();
            return $"{n} {context.Connection.Id} {context.Request.Protocol} {context.Connection.ClientCertificate?.Subject}";
        }));
        using HttpClient client = host.CreateClient(version: HttpVersion.Version20);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(n => client.GetStringAsync($"/{n}"))).WithinLimit();
        Assert.Equal(Enumerable.Range(0, 500), answers.Select(a => int.Parse(a.Split(' ')[0], null)));
        Assert.EndsWith(" HTTP/2 CN=client", Assert.Single(answers.Select(a => a[a.IndexOf(' ', StringComparison.Ordinal)..]).Distinct()));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Bodies_of_several_streams_pass_both_ways_at_a_time(ServedBy server)
    {
        const int total = 4 * 1024 * 1024;
        await using WebHost host = await WebHost.StartAsync(server, a => LargeBodies.Map(a, total, () => { }));
        using HttpClient client = host.CreateClient(version: HttpVersion.Version20);
        Task<string>[] uploads = [.. Enumerable.Range(0, 6).Select(async _ =>
        {
            using HttpResponseMessage answer = await client.PostAsync("/upload", new PatternContent(total));
            return await answer.Content.ReadAsStringAsync();
        })];
        Task<long>[] downloads = [.. Enumerable.Range(0, 6).Select(async _ =>
        {
            await using Stream body = await client.GetStreamAsync("/download");
            return await PatternContent.CheckAsync(body, () => { });
        })];
        Assert.All(await Task.WhenAll(uploads).WithinLimit(), u => Assert.Equal($"{total} as expected", u));
        Assert.All(await Task.WhenAll(downloads).WithinLimit(), d => Assert.Equal(total, d));
        if (server == ServedBy.Stock) return;
        await TimeLimit.Until(() => host.Statistics.Pools.BuffersInUse == 0, "all buffers are returned");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_application_hears_of_a_stream_that_is_given_up(ServedBy server)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await WebHost.StartAsync(server, a =>
        {
            a.MapGet("/wait", async (HttpContext context) =>
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                aborted.SetResult();
            });
            a.MapGet("/", () => "still here");
        });
        using HttpClient client = host.CreateClient(version: HttpVersion.Version20);
        using var giveUp = new CancellationTokenSource();
        Task<string> waiting = client.GetStringAsync("/wait", giveUp.Token);
        Assert.Equal("still here", await client.GetStringAsync("/").WithinLimit());
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WithinLimit());
        await aborted.Task.WithinLimit();
        Assert.Equal("still here", await client.GetStringAsync("/").WithinLimit());
    }
}
