using System.IO.Pipelines;
using System.Net.Security;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Handlers that do not wait as echo does: plain reads, streams, pipes, work between reads.</summary>
public class ConnectionViewTests
{
    public static TheoryData<string> Views => ["reads", "stream", "pipe"];

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Every_view_echoes_and_ends_at_once_at_a_stop(string view)
    {
        await using var host = new TestHost(handler: new Handler(c => EchoAsync(view, c)));
        (SslStream used, _) = await host.ConnectTlsAsync();
        (SslStream unused, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(used, 200_000);
        // A client of TLS 1.3 is done before its server is, and a handshake that is under way is aborted at a stop.
        await TimeLimit.Until(() => host.Host.Statistics.SessionsOpen == 2, "both are open on the server's side, too");
        await TimeLimit.Until(() => host.Host.Statistics.Pools.BuffersInUse == 0, "nothing is in hand");

        Task stopping = host.Host.StopAsync(Timeout.InfiniteTimeSpan);
        foreach (SslStream stream in new[] { used, unused })
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
            await stream.ShutdownAsync().WithinLimit();
        }

        await stopping.WithinLimit();
        Assert.Equal([CloseReason.Drained, CloseReason.Drained], host.Endings.Select(e => e.Reason));
        Assert.Empty(host.Faults);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Every_view_ends_with_its_peer(string view)
    {
        await using var host = new TestHost(handler: new Handler(c => EchoAsync(view, c)));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 10);
        await stream.ShutdownAsync().WithinLimit();
        Assert.Equal(CloseReason.PeerClosed, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task Work_that_was_announced_is_waited_for_and_its_end_is_noticed()
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = new TestHost(handler: new Handler(async connection =>
        {
            Task<int> reading = connection.WaitForDataAsync().AsTask();
            using (connection.BeginWork())
            {
                working.SetResult();
                await enough.Task;
                await connection.WriteAsync(new byte[] { 7 });
            }

            await reading;
            Assert.Equal(0, await connection.ReadAsync(new byte[1]));
        }));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await working.Task.WithinLimit();
        Task stopping = host.Host.StopAsync(Timeout.InfiniteTimeSpan);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.False(stopping.IsCompleted);
        enough.SetResult();
        byte[] last = new byte[2];
        Assert.Equal(1, await stream.ReadAsync(last).WithinLimit());
        Assert.Equal(0, await stream.ReadAsync(last).WithinLimit());
        await stream.ShutdownAsync().WithinLimit();
        await stopping.WithinLimit();
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
    }

    [Fact]
    public async Task An_operation_has_its_time_and_no_more()
    {
        await using var host = new TestHost(handler: new Handler(async connection =>
        {
            using (connection.LimitTime(TimeSpan.FromMinutes(5))) await connection.ReadAsync(new byte[1]);
            // A limit that is over limits nothing any more.
            using (connection.LimitTime(TimeSpan.FromMilliseconds(1))) await connection.WriteAsync(new byte[1]);
            await connection.ReadAsync(new byte[1]);
            using (connection.LimitTime(TimeSpan.FromMilliseconds(100))) await connection.ReadAsync(new byte[1]);
        }));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(new byte[1]).WithinLimit();
        await stream.ReadExactlyAsync(new byte[1]).WithinLimit();
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.Empty(host.Endings);
        await stream.WriteAsync(new byte[1]).WithinLimit();
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal((CloseReason.OperationTimeout, "Not done after 0.1 s."), (end.Reason, end.Detail));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_operation_of_the_stream_aborts_the_connection(bool beforehand)
    {
        var outcome = new TaskCompletionSource<Exception?>();
        using var cancellation = new CancellationTokenSource();
        if (beforehand) await cancellation.CancelAsync();
        await using var host = new TestHost(handler: new Handler(async connection =>
        {
            outcome.SetResult(await Record.ExceptionAsync(() => connection.AsStream().ReadAsync(new byte[1], cancellation.Token).AsTask()));
        }));
        await host.ConnectTlsAsync();
        if (!beforehand)
        {
            await TimeLimit.Until(() => host.Host.Statistics.SessionsOpen == 1, "the handler reads");
            await cancellation.CancelAsync();
        }

        Assert.IsAssignableFrom<OperationCanceledException>(await outcome.Task.WithinLimit());
        Assert.Equal(CloseReason.LocalClosed, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_stream_never_blocks()
    {
        var outcome = new TaskCompletionSource<Stream>();
        await using var host = new TestHost(handler: new Handler(async connection =>
        {
            outcome.SetResult(connection.AsStream());
            await connection.WaitForNextMessageAsync();
        }));
        await host.ConnectTlsAsync();
        Stream stream = await outcome.Task.WithinLimit();
        Assert.Throws<NotSupportedException>(() => stream.Read(new byte[1], 0, 1));
        Assert.Throws<NotSupportedException>(() => stream.Write(new byte[1], 0, 1));
        Assert.True(stream is { CanRead: true, CanWrite: true, CanSeek: false });
    }

    private static async Task EchoAsync(string view, Connection connection)
    {
        if (view == "pipe")
        {
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> part in result.Buffer) await connection.Transport.Output.WriteAsync(part);
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return;
            }
        }

        byte[] buffer = new byte[10_000];
        Stream stream = connection.AsStream();
        while (true)
        {
            int read = view == "stream" ? await stream.ReadAsync(buffer) : await connection.ReadAsync(buffer);
            if (read == 0) return;
            if (view == "stream") await stream.WriteAsync(buffer.AsMemory(0, read));
            else await connection.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    private sealed class Handler(Func<Connection, Task> handle) : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => handle(connection);
    }
}
