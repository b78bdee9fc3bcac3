using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Every connection ends once, with the one reason that is true.</summary>
public class EndingTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_FIN_without_close_notify_is_a_truncation()
    {
        await using var host = new TestHost();
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 10);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(CloseReason.PeerTruncated, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_FIN_in_the_middle_of_a_record_is_a_truncation()
    {
        await using var host = new TestHost();
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 10);
        // The header of an application record of 100 bytes, and no more.
        await socket.SendAsync(new byte[] { 23, 3, 3, 0, 100, 1, 2, 3 }).WithinLimit();
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(CloseReason.PeerTruncated, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_is_a_reset(bool tls)
    {
        await using var host = new TestHost(tls: tls);
        Stream stream;
        Socket socket;
        if (tls) (stream, socket) = await host.ConnectTlsAsync();
        else stream = new NetworkStream(socket = await host.ConnectRawAsync());
        await TestHost.EchoAsync(stream, 10);
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        Assert.Equal(CloseReason.PeerReset, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_tampered_record_is_a_protocol_error_and_never_echoed()
    {
        await using var host = new TestHost();
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 10);
        byte[] forged = new byte[5 + 40];
        new byte[] { 23, 3, 3, 0, 40 }.CopyTo(forged, 0);
        await socket.SendAsync(forged).WithinLimit();
        Assert.Equal(CloseReason.ProtocolError, (await host.NextEndingAsync()).Reason);
        Assert.Equal(10, host.Host.Statistics.Io.BytesSent);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task An_idle_connection_is_closed_at_its_limit_and_a_busy_one_is_not()
    {
        await using var host = new TestHost(new EngineOptions { IdleTimeout = TimeSpan.FromSeconds(2) });
        (SslStream busy, _) = await host.ConnectTlsAsync();
        (SslStream idle, _) = await host.ConnectTlsAsync();
        Task<ConnectionEnd> ending = host.NextEndingAsync();
        while (!ending.IsCompleted) await TestHost.EchoAsync(busy, 10);
        Assert.Equal(CloseReason.IdleTimeout, (await ending).Reason);
        // In order: close_notify, and no reset.
        Assert.Equal(0, await idle.ReadAsync(new byte[1]).WithinLimit());
        await TestHost.EchoAsync(busy, 10);
        await TimeLimit.Until(() => host.Host.Statistics.ConnectionsOpen == 1, "only the busy one is left");
    }

    [Fact]
    public async Task A_peer_that_sends_and_never_reads_is_closed_at_the_write_limit_and_costs_no_memory()
    {
        await using var host = new TestHost(new EngineOptions { WriteTimeout = Soon });
        (SslStream stream, _) = await host.ConnectTlsAsync();
        byte[] block = new byte[64 * 1024];
        Task sending = Task.Run(async () =>
        {
            while (true) await stream.WriteAsync(block);
        });
        await TimeLimit.Until(() => !host.Endings.IsEmpty || host.Host.Statistics.Pools.BuffersInUse <= 1, "at most one buffer in hand");
        Assert.Equal(CloseReason.WriteTimeout, (await host.NextEndingAsync()).Reason);
        await Assert.ThrowsAnyAsync<IOException>(() => sending.WithinLimit());
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_handler_that_throws_ends_its_own_connection_and_no_other()
    {
        await using var host = new TestHost(handler: new Throwing());
        (SslStream bad, _) = await host.ConnectTlsAsync();
        (SslStream good, _) = await host.ConnectTlsAsync();
        await bad.WriteAsync(new byte[] { 1 }).WithinLimit();
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.HandlerFault, end.Reason);
        Assert.Contains("deliberate", end.Detail, StringComparison.Ordinal);
        Assert.IsType<NotSupportedException>(Assert.Single(host.Faults));
        await good.WriteAsync(new byte[] { 0 }).WithinLimit();
        Assert.Equal(1, await good.ReadAsync(new byte[1]).WithinLimit());
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_and_a_later_one_is_let_in()
    {
        await using var host = new TestHost(new EngineOptions { MaxConnections = 1 });
        (SslStream first, Socket socket) = await host.ConnectTlsAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => host.ConnectTlsAsync());
        await TimeLimit.Until(() => host.Refusals.Count == 1, "one refusal");
        Assert.Equal(1, host.Host.Statistics.ConnectionsRefused);
        await TestHost.EchoAsync(first, 10);

        first.Dispose();
        socket.Dispose();
        await host.NextEndingAsync();
        await host.AssertNothingIsHeldAsync();
        (SslStream second, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(second, 10);
    }

    [Fact]
    public async Task A_handler_that_leaves_a_read_under_way_leaves_nothing_else()
    {
        await using var host = new TestHost(handler: new LeavesARead());
        for (int i = 0; i < 20; i++)
        {
            await host.ConnectTlsAsync();
            Assert.Equal(CloseReason.LocalClosed, (await host.NextEndingAsync()).Reason);
        }

        await host.AssertNothingIsHeldAsync();
        Assert.Empty(host.Faults);
    }

    [Theory]
    [InlineData(false, CloseReason.LocalClosed)]
    [InlineData(true, CloseReason.ProtocolError)]
    public async Task A_handler_that_leaves_a_write_under_way_leaves_nothing_else(bool throws, CloseReason reason)
    {
        await using var host = new TestHost(handler: new LeavesAWrite(throws), tls: false);
        for (int i = 0; i < 20; i++)
        {
            // Only then: a server that is quicker than the end of connecting would fail the connect.
            Socket socket = await host.ConnectRawAsync();
            await socket.SendAsync(new byte[1]).WithinLimit();
            Assert.Equal(reason, (await host.NextEndingAsync()).Reason);
        }

        await host.AssertNothingIsHeldAsync();
        Assert.Empty(host.Faults);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_keeps_a_connection_alive_that_has_ended(bool tls)
    {
        var handler = new Remembering();
        await using var host = new TestHost(handler: handler, tls: tls);
        (tls ? (await host.ConnectTlsAsync()).Socket : await host.ConnectRawAsync()).Dispose();
        await host.NextEndingAsync();
        await host.AssertNothingIsHeldAsync();
        await TimeLimit.Until(
            () =>
            {
                GC.Collect();
                return !handler.Seen!.TryGetTarget(out _);
            },
            "the connection was collected");
    }

    private sealed class Remembering : IConnectionHandler
    {
        public WeakReference<Connection>? Seen { get; private set; }

        public async Task HandleAsync(Connection connection)
        {
            Seen = new WeakReference<Connection>(connection);
            await connection.WaitForDataAsync();
        }
    }

    private sealed class LeavesAWrite(bool throws) : IConnectionHandler
    {
        public async Task HandleAsync(Connection connection)
        {
            await connection.WaitForDataAsync();
            // More than both kernels take, to a peer that does not read.
            _ = connection.WriteAsync(new byte[16 * 1024 * 1024]).AsTask();
            if (throws) throw new IOException("deliberate");
        }
    }

    private sealed class LeavesARead : IConnectionHandler
    {
        public Task HandleAsync(Connection connection)
        {
            _ = connection.WaitForDataAsync().AsTask();
            return Task.CompletedTask;
        }
    }

    private sealed class Throwing : IConnectionHandler
    {
        public async Task HandleAsync(Connection connection)
        {
            byte[] one = new byte[1];
            await connection.ReadAsync(one);
            if (one[0] == 1) throw new NotSupportedException("deliberate");
            await connection.WriteAsync(one);
        }
    }
}
