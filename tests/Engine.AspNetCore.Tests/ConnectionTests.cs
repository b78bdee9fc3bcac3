using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Connections as an application of Kestrel sees them that speaks no HTTP.</summary>
public sealed class ConnectionTests
{
    public static TheoryData<ServedBy, bool> All => new()
    {
        { ServedBy.Stock, true },
        { ServedBy.ThreadPool, true },
        { ServedBy.EventLoop, true },
        { ServedBy.Stock, false },
        { ServedBy.ThreadPool, false },
        { ServedBy.EventLoop, false },
    };

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_handler_finds_all_that_a_transport_gives(ServedBy server, bool tls)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await StartAsync(server, tls, context =>
        {
            context.Items["a"] = 1;
            seen.SetResult(
                $"{context.LocalEndPoint} {((IPEndPoint)context.RemoteEndPoint!).Address} {context.ConnectionId.Length > 0} "
                + $"{context.Features.Get<IConnectionIdFeature>()?.ConnectionId == context.ConnectionId} "
                + $"{context.Features.Get<IConnectionTransportFeature>()?.Transport == context.Transport} "
                + $"{context.Features.Get<IConnectionItemsFeature>()?.Items.Count} "
                + $"{context.Features.Get<IConnectionLifetimeFeature>() is not null} "
                + $"{EndPointsOf(server, context).LocalEndPoint == context.LocalEndPoint} "
                + $"{context.Features.Get<IMemoryPoolFeature>() is not null} "
                + $"{context.Features.Get<IConnectionHeartbeatFeature>() is not null} "
                + $"{context.Features.Get<IConnectionCompleteFeature>() is not null}");
            return Task.CompletedTask;
        });
        await using WireClient client = await WireClient.ConnectAsync(host, tls);
        Assert.Equal($"{host.EndPoint} 127.0.0.1 True True True 1 True True True True True", await seen.Task.WithinLimit());
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_peer_that_ends_its_half_is_heard_to_the_end(ServedBy server, bool tls)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await StartAsync(server, tls, async context =>
        {
            context.ConnectionClosed.Register(closed.SetResult);
            ReadResult all;
            while (true)
            {
                all = await context.Transport.Input.ReadAsync();
                if (all.IsCompleted) break;
                context.Transport.Input.AdvanceTo(all.Buffer.Start, all.Buffer.End);
            }

            await context.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes($"{all.Buffer.Length} bytes"));
        });
        await using WireClient client = await WireClient.ConnectAsync(host, tls);
        await client.SendAsync(new string('a', 100_000));
        if (tls) await client.Tls.ShutdownAsync().WithinLimit();
        else client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("100000 bytes", await client.ReadToEndAsync());
        await closed.Task.WithinLimit();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_handler_that_does_not_read_hears_of_a_peer_that_goes(ServedBy server, bool tls)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await StartAsync(server, tls, async context =>
        {
            ReadResult first = await context.Transport.Input.ReadAsync();
            context.Transport.Input.AdvanceTo(first.Buffer.End);
            await Task.Delay(Timeout.Infinite, context.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            closed.SetResult();
        });
        WireClient client = await WireClient.ConnectAsync(host, tls);
        await client.SendAsync("a");
        // In order, with close_notify and FIN.
        if (tls) await client.Tls.ShutdownAsync().WithinLimit();
        await client.DisposeAsync();
        await closed.Task.WithinLimit();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_reset_fails_the_read(ServedBy server, bool tls)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thrown = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await StartAsync(server, tls, async context =>
        {
            try
            {
                ReadResult first = await context.Transport.Input.ReadAsync();
                context.Transport.Input.AdvanceTo(first.Buffer.End);
                begun.SetResult();
                await context.Transport.Input.ReadAsync();
                thrown.SetResult(null);
            }
            catch (Exception e)
            {
                thrown.SetResult(e);
            }
        });
        WireClient client = await WireClient.ConnectAsync(host, tls);
        // Before that the server may not have seen all of the handshake.
        await client.SendAsync("a");
        await begun.Task.WithinLimit();
        client.Socket.LingerState = new LingerOption(true, 0);
        client.Socket.Close();
        Exception? end = await thrown.Task.WithinLimit();
        // Kestrel's own transport with TLS sometimes says that the stream has ended.
        if (server == ServedBy.Stock && end is null) return;
        Assert.IsAssignableFrom<IOException>(end);
        if (server == ServedBy.Stock) return;
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal([CloseReason.PeerReset], host.Endings.Reasons);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_abort_ends_the_connection_with_its_reason(ServedBy server, bool tls)
    {
        var thrown = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await StartAsync(server, tls, async context =>
        {
            ReadResult first = await context.Transport.Input.ReadAsync();
            context.Transport.Input.AdvanceTo(first.Buffer.End);
            ValueTask<ReadResult> read = context.Transport.Input.ReadAsync();
            context.Abort(new ConnectionAbortedException("Enough."));
            try
            {
                await read;
            }
            catch (Exception e)
            {
                thrown.SetResult(e);
            }
        });
        await using WireClient client = await WireClient.ConnectAsync(host, tls);
        await client.SendAsync("a");
        Assert.Equal("", await client.ReadToEndAsync());
        // Of stock Kestrel's under TLS a read that was begun may hear of an end of stream.
        if (server == ServedBy.Stock) return;
        Assert.IsType<ConnectionAbortedException>(await thrown.Task.WithinLimit());
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal((CloseReason.LocalClosed, "Enough."), host.Endings.Closed.Select(c => (c.End.Reason, c.End.Detail)).Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_throws_is_logged_once(bool tls)
    {
        await using WebHost host = await StartAsync(ServedBy.ThreadPool, tls, async context =>
        {
            await context.Transport.Input.ReadAsync();
            throw new InvalidOperationException("A defect.");
        });
        await using WireClient client = await WireClient.ConnectAsync(host, tls);
        await client.SendAsync("a");
        Assert.Equal("", await client.ReadToEndAsync());
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal("A defect.", Assert.Single(host.Log.Above(LogLevel.Information)).Exception!.Message);
        if (tls) Assert.Equal([CloseReason.HandlerFault], host.Endings.Reasons);
        // The listener has one.
        Assert.Equal((1, 0), (host.Statistics.Pools.ArgsInUse, host.Statistics.Pools.BuffersInUse));
    }

    [Theory]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task A_callback_for_the_end_that_throws_is_logged(ServedBy server)
    {
        await using WebHost host = await StartAsync(server, tls: true, async context =>
        {
            context.ConnectionClosed.Register(() => throw new InvalidOperationException("A defect."));
            await context.Transport.Input.ReadAsync();
        });
        await (await WireClient.ConnectAsync(host)).DisposeAsync();
        await TimeLimit.Until(() => host.Log.Above(LogLevel.Warning).Any(), "it is logged");
        Assert.Contains("callback", host.Log.Above(LogLevel.Warning).First().Text, StringComparison.Ordinal);
    }

    private static IConnectionEndPointFeature EndPointsOf(ServedBy server, ConnectionContext context) => server == ServedBy.Stock
        ? new StockHasNone { LocalEndPoint = context.LocalEndPoint }
        : context.Features.GetRequiredFeature<IConnectionEndPointFeature>();

    private static Task<WebHost> StartAsync(ServedBy server, bool tls, ConnectionDelegate handler) => WebHost.StartAsync(
        server, _ => { }, (host, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls) host.UseTls(listen);
            listen.Use(_ => handler);
        }));

    private sealed class StockHasNone : IConnectionEndPointFeature
    {
        public EndPoint? LocalEndPoint { get; set; }

        public EndPoint? RemoteEndPoint { get; set; }
    }
}
