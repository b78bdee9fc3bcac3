using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>
/// A wait that completes with nothing to read, and data without application data: a stop must end both reads that follow.
/// </summary>
public class FalseWakeUpTests
{
    [Fact]
    public async Task A_read_after_a_wait_that_woke_up_for_nothing_can_be_ended()
    {
        using SocketPair pair = await SocketPair.CreateAsync();
        await using SocketStream stream = CreateStream(pair.Near);
        await WakeUpForNothingAsync(pair, stream);
        ValueTask<int> read = stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken);
        Assert.False(read.IsCompleted);
        stream.BeginDrain(evenInsideMessage: true);
        Assert.Equal(0, await read.WithinLimit());
        Assert.Equal(CloseReason.Drained, stream.RawEnd);
    }

    [Fact]
    public async Task A_read_after_a_wait_that_woke_up_for_nothing_gets_the_data_that_comes_later()
    {
        using SocketPair pair = await SocketPair.CreateAsync();
        await using SocketStream stream = CreateStream(pair.Near);
        await WakeUpForNothingAsync(pair, stream);
        byte[] buffer = new byte[10];
        ValueTask<int> read = stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        Assert.False(read.IsCompleted);
        await pair.Far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        Assert.Equal(3, await read.WithinLimit());
        Assert.Equal([1, 2, 3], buffer[..3]);
        pair.Far.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken).WithinLimit());
        Assert.Equal(CloseReason.PeerClosed, stream.RawEnd);
    }

    [Fact]
    public async Task Data_that_is_always_there_after_a_wait_lets_others_have_their_turn()
    {
        const int reads = 1000;
        using SocketPair pair = await SocketPair.CreateAsync();
        await using SocketStream stream = CreateStream(pair.Near);
        await pair.Far.SendAsync(new byte[reads]).WithinLimit();
        await TimeLimit.Until(() => pair.Near.Available == reads, "all is there");
        int yields = 0;
        for (int i = 0; i < reads; i++)
        {
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken).WithinLimit());
            ValueTask<int> read = stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
            if (!read.IsCompleted) yields++;
            Assert.Equal(1, await read.WithinLimit());
        }

        Assert.InRange(yields, 1, reads / 10);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_that_has_read_session_tickets_ends_when_it_is_idle_and_not_by_its_deadline(SslProtocols protocol)
    {
        await using var server = new TestHost();
        await using var client = new ConnectionHost(new EngineOptions { CloseTimeout = TimeLimit.Default });
        var idle = new IdleHandler();
        var options = server.ClientOptions() with { Protocols = protocol };
        Task<ConnectionEnd> ending = client.ConnectAsync(server.EndPoint, new TlsClientHandler(idle, options));
        Connection connection = await idle.Opened.WithinLimit();
        // Time for the tickets to come and to be read. Without them the test holds as well.
        await Task.Delay(200, TestContext.Current.CancellationToken);
        connection.EndWhenIdle();
        Assert.Equal(new ConnectionEnd(CloseReason.Drained), await ending.WithinLimit());
        Assert.Equal(CloseReason.PeerClosed, (await server.NextEndingAsync()).Reason);
    }

    [Fact]
    public async Task A_server_that_has_read_a_record_without_data_stops_at_once()
    {
        await using var host = new TestHost();
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync(protocols: SslProtocols.Tls13);
        ForgedRecords records = await ForgedRecords.TakeOverAsync(stream, socket);
        await records.SendAsync(records.KeyUpdate());
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await host.Host.StopAsync(TimeLimit.Default).WithinLimit();
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
    }

    [Fact]
    public async Task What_cannot_end_when_idle_is_aborted_after_the_close_timeout()
    {
        await using var host = new TestHost(tls: false);
        await using var client = new ConnectionHost(new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(100) });
        var stuck = new StuckHandler();
        Task<ConnectionEnd> ending = client.ConnectAsync(host.EndPoint, stuck);
        (await stuck.Opened.WithinLimit()).EndWhenIdle();
        Assert.Equal(CloseReason.LocalClosed, (await ending.WithinLimit()).Reason);
    }

    private static SocketStream CreateStream(Socket socket)
    {
        var lifetime = new ConnectionLifetime(1, local: null, remote: null, new BufferPool(0));
        var stream = new SocketStream(socket, new ReceiveOperation(), new SendOperation(), lifetime) { CompletesInline = true };
        socket.Blocking = false;
        return stream;
    }

    // The event loop takes two events in one go and stands still at the first one, while the data of the second one is read behind its
    // back. What it then finds is out of date. (An event that has not been taken yet would be looked at anew by epoll.)
    private static async Task WakeUpForNothingAsync(SocketPair pair, SocketStream stream)
    {
        // Once in earnest: from then on the event loop hears of this socket.
        ValueTask<int> first = stream.ReadAsync(Memory<byte>.Empty);
        await pair.Far.SendAsync(new byte[1]).WithinLimit();
        Assert.Equal(0, await first.WithinLimit());
        Assert.Equal(1, await stream.ReadAsync(new byte[1]).WithinLimit());

        using LoopBlocker before = await LoopBlocker.CreateAsync(), together = await LoopBlocker.CreateAsync();
        await before.SendAsync();
        before.WaitUntilBlocked();
        await together.SendAsync();
        await pair.Far.SendAsync(new byte[1]);
        await TimeLimit.Until(() => pair.Near.Available == 1, "the byte is there");
        before.GoOn();
        together.WaitUntilBlocked();

        Assert.Equal(1, pair.Near.Receive(new byte[1]));
        ValueTask<int> wait = stream.ReadAsync(Memory<byte>.Empty);
        Assert.False(wait.IsCompleted);
        together.GoOn();
        Assert.Equal(0, await wait.WithinLimit());
        Assert.Equal(0, pair.Near.Available);
    }

    /// <summary>A socket whose next byte stops the event loop.</summary>
    private sealed class LoopBlocker : IDisposable
    {
        private readonly SocketPair _pair;
        private readonly ReceiveOperation _receive = new() { CompletesInline = true };
        private readonly ManualResetEventSlim _blocked = new();
        private readonly ManualResetEventSlim _goOn = new();
        private readonly Task _blocking;

        private LoopBlocker(SocketPair pair)
        {
            _pair = pair;
            _blocking = BlockAsync();
        }

        public static async Task<LoopBlocker> CreateAsync()
        {
            var blocker = new LoopBlocker(await SocketPair.CreateAsync());
            // Whoever goes on from here must not stand on the event loop itself.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return blocker;
        }

        public async Task SendAsync() => await _pair.Far.SendAsync(new byte[1]);

        public void WaitUntilBlocked() => Assert.True(_blocked.Wait(TimeLimit.Default));

        public void GoOn() => _goOn.Set();

        public void Dispose()
        {
            _goOn.Set();
            Assert.True(_blocking.Wait(TimeLimit.Default));
            _pair.Dispose();
            _blocked.Dispose();
            _goOn.Dispose();
        }

        private async Task BlockAsync()
        {
            await _receive.ReceiveAsync(_pair.Near, new byte[1]);
            _blocked.Set();
            _goOn.Wait();
        }
    }

    private sealed class IdleHandler : IConnectionHandler
    {
        private readonly TaskCompletionSource<Connection> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Connection> Opened => _opened.Task;

        public async Task HandleAsync(Connection connection)
        {
            _opened.SetResult(connection);
            await connection.WaitForDataAsync();
            Assert.Equal(0, await connection.ReadAsync(new byte[1]));
        }
    }

    private sealed class StuckHandler : IConnectionHandler
    {
        private readonly TaskCompletionSource<Connection> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Connection> Opened => _opened.Task;

        public async Task HandleAsync(Connection connection)
        {
            _opened.SetResult(connection);
            // In the middle of a message.
            using BusyScope work = connection.BeginWork();
            await connection.ReadAsync(new byte[1]);
        }
    }
}
