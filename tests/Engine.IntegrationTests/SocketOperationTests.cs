using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public sealed class SocketOperationTests : IAsyncLifetime
{
    private readonly SocketOperationPool _pool = new(connections: 4, preallocated: 2);
    private SocketPair _pair = null!;
    private Socket _near = null!;
    private Socket _far = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await SocketPair.CreateAsync();
        (_near, _far) = (_pair.Near, _pair.Far);
    }

    [Fact]
    public async Task Two_operations_at_a_time_are_an_error()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> first = args.ReceiveAsync(_near, new byte[10]);
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Throws<InvalidOperationException>(() => _pool.Receive.Return(args));
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        Assert.Equal(Moved(3), await first.WithinLimit());
        _pool.Receive.Return(args);
        Assert.Throws<InvalidOperationException>(() => _pool.Receive.Return(args));
    }

    [Fact]
    public async Task Before_the_result_of_one_operation_is_taken_there_is_no_other_and_the_args_are_not_taken_back()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> first = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        await TimeLimit.Until(() => !args.InFlight, "the socket is done with them");
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Equal(Moved(3), await first.WithinLimit());

        ValueTask<SocketResult> untaken = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 4 }).WithinLimit();
        await TimeLimit.Until(() => !args.InFlight, "the socket is done with them");
        _pool.Receive.Return(args);
        Assert.Equal((1, 0), _pool.Receive.Count);
        // What is not taken back is disposed of.
        Assert.Equal(Moved(1), await untaken.WithinLimit());
        Assert.Throws<ObjectDisposedException>(() => args.ReceiveAsync(_near, new byte[10]));
    }

    [Fact]
    public async Task A_result_is_taken_once()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> receive = args.ReceiveAsync(_near, new byte[10]);
        ValueTask<SocketResult> copy = receive;
        await _far.SendAsync(new byte[] { 1 }).WithinLimit();
        Assert.Equal(Moved(1), await receive.WithinLimit());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await copy);
    }

    [Fact]
    public async Task A_wait_that_is_ended_as_it_begins_completes_once()
    {
        const int attempts = 200;
        for (int i = 0; i < attempts; i++)
        {
            SocketPair pair = await SocketPair.CreateAsync();
            using (pair.Near)
            using (pair.Far)
            {
                ReceiveOperation args = _pool.Receive.Rent();
                // An operation before it, whose mark a completion that came too early would find.
                await pair.Far.SendAsync(new byte[] { 1 }).WithinLimit();
                Assert.Equal(Moved(1), await args.ReceiveAsync(pair.Near, new byte[10]).WithinLimit());
                bool isOver = false;
                Task<bool> ending = Task.Run(() =>
                {
                    while (!args.TryEndWait(pair.Near))
                    {
                        if (Volatile.Read(ref isOver)) return false;
                    }

                    return true;
                });
                Assert.Equal(Moved(0), await args.WaitAsync(pair.Near).WithinLimit());
                Volatile.Write(ref isOver, true);
                Assert.True(await ending.WithinLimit());
                pair.Near.Dispose();
                await args.WhenReleased().WithinLimit();
                _pool.Receive.Return(args);
            }
        }
    }

    [Fact]
    public async Task What_is_rented_again_knows_nothing_of_the_connection_before()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        args.CompletesInline = true;
        ValueTask<SocketResult> first = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        Assert.Equal(Moved(3), await first.WithinLimit());
        _far.Shutdown(SocketShutdown.Send);
        Assert.Equal(Moved(0), await args.ReceiveAsync(_near, new byte[10]).WithinLimit());
        Assert.Equal((3, SocketError.Success), (args.BytesReceived, args.End));
        _pool.Receive.Return(args);
        Assert.Same(args, _pool.Receive.Rent());
        Assert.Equal((0, null, false, 0), (args.BytesReceived, args.End, args.CompletesInline, args.MemoryBuffer.Length));
    }

    [Fact]
    public void What_could_not_be_started_leaves_the_args_at_rest()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        _near.Dispose();
        Assert.Throws<ObjectDisposedException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Throws<ObjectDisposedException>(() => args.WaitAsync(_near));
        Assert.Equal((false, false), (args.InFlight, args.ResultPending));
        _pool.Receive.Return(args);
        Assert.Equal((2, 0), _pool.Receive.Count);
    }

    [Fact]
    public async Task A_wait_takes_no_data_and_ends_when_there_is_some()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> wait = args.WaitAsync(_near);
        Assert.False(wait.IsCompleted);
        await _far.SendAsync(new byte[] { 7 }).WithinLimit();
        Assert.Equal(Moved(0), await wait.WithinLimit());
        byte[] data = new byte[1];
        Assert.Equal(Moved(1), await args.ReceiveAsync(_near, data).WithinLimit());
        Assert.Equal(7, data[0]);
        Assert.False(args.TryEndWait(_near));
        _pool.Receive.Return(args);
    }

    [Fact]
    public async Task A_wait_can_be_ended_and_its_args_are_free_only_when_the_socket_lets_go()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        await _far.SendAsync(new byte[] { 1, 2 }).WithinLimit();
        Assert.Equal(Moved(2), await args.ReceiveAsync(_near, new byte[10]).WithinLimit());
        ValueTask<SocketResult> wait = args.WaitAsync(_near);
        Assert.True(args.TryEndWait(_near));
        Assert.False(args.TryEndWait(_near));
        Assert.Equal(Moved(0), await wait.WithinLimit());
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.True(args.InFlight);
        Assert.Throws<InvalidOperationException>(() => _pool.Receive.Return(args));
        Task released = args.WhenReleased();
        Assert.False(released.IsCompleted);
        await _far.SendAsync(new byte[] { 1 }).WithinLimit();
        await released.WithinLimit();
        _pool.Receive.Return(args);
        // The next connection begins with them as if they were new.
        Assert.False(args.WaitEndedEarly);
        Assert.Null(args.End);
    }

    [Fact]
    public async Task Closing_the_socket_ends_what_is_under_way_and_the_args_are_not_taken_back()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> receive = args.ReceiveAsync(_near, new byte[10]);
        _near.Dispose();
        Assert.Equal(new SocketResult(0, SocketError.OperationAborted), await receive.WithinLimit());
        _pool.Receive.Return(args);
        Assert.Equal((1, 0), _pool.Receive.Count);
    }

    [Fact]
    public async Task The_end_of_a_stream_is_remembered_as_what_it_was()
    {
        ReceiveOperation args = _pool.Receive.Rent();
        ValueTask<SocketResult> wait = args.WaitAsync(_near);
        _far.LingerState = new LingerOption(true, 0);
        _far.Dispose();
        await wait.WithinLimit();
        // The kernel reports a reset once; a second receive says end of stream, which would be a lie.
        await args.ReceiveAsync(_near, new byte[1]).WithinLimit();
        Assert.Equal(SocketError.ConnectionReset, args.End);
    }

    [Fact]
    public async Task Ending_waits_while_data_arrives_loses_neither_wait_nor_data()
    {
        for (int round = 0; round < 300; round++)
        {
            using var pair = await SocketPair.CreateAsync();
            var args = new ReceiveOperation { CompletesInline = round % 2 == 0 };
            ValueTask<SocketResult> wait = args.WaitAsync(pair.Near);
            Task ending = Task.Run(() => args.TryEndWait(pair.Near));
            Task sending = pair.Far.SendAsync(new byte[] { 1 });
            await wait.WithinLimit();
            await Task.WhenAll(ending, sending).WithinLimit();
            await args.WhenReleased().WithinLimit();
            Assert.Equal(1, pair.Near.Available);
        }
    }

    [Fact]
    public async Task Args_that_were_waited_for_are_not_taken_for_released_in_their_next_operation()
    {
        for (int round = 0; round < 300; round++)
        {
            using var pair = await SocketPair.CreateAsync();
            var args = new ReceiveOperation();
            ValueTask<SocketResult> wait = args.WaitAsync(pair.Near);
            Assert.True(args.TryEndWait(pair.Near));
            await wait.WithinLimit();
            Task sending = Task.Run(() => pair.Far.Send(new byte[1]));
            while (args.InFlight) await args.WhenReleased().WithinLimit();
            await sending.WithinLimit();
            Assert.Equal(Moved(1), await args.ReceiveAsync(pair.Near, new byte[1]).WithinLimit());
            ValueTask<SocketResult> next = args.ReceiveAsync(pair.Near, new byte[1]);
            Task released = args.WhenReleased();
            Assert.False(released.IsCompleted);
            pair.Near.Dispose();
            Assert.Equal(new SocketResult(0, SocketError.OperationAborted), await next.WithinLimit());
            await released.WithinLimit();
        }
    }

    [Fact]
    public async Task A_connection_that_is_gone_cannot_end_the_wait_of_the_one_that_has_its_args_now()
    {
        var operations = new SocketOperationPool(connections: 1, preallocated: 1);
        var services = new ConnectionServices(new BufferPool(0)) { CloseTimeout = TimeLimit.Default };
        var gone = new SocketConnection(1, _near, operations, services, state: null);
        await gone.FreeAsync().WithinLimit();
        using SocketPair pair = await SocketPair.CreateAsync();
        var next = new SocketConnection(2, pair.Near, operations, services, state: null);
        ValueTask<int> wait = next.Stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken);
        gone.EndWhenIdle();
        Assert.False(wait.IsCompleted);
        await pair.Far.SendAsync(new byte[1]).WithinLimit();
        await wait.WithinLimit();
        Assert.Equal(CloseReason.None, next.TransportEnd);
        await next.FreeAsync().WithinLimit();
    }

    [Fact]
    public async Task A_peer_that_resets_is_a_value_to_both_directions_and_an_exception_to_the_stream_that_writes_alone()
    {
        ReceiveOperation receive = _pool.Receive.Rent();
        SendOperation send = _pool.Send.Rent();
        var lifetime = new ConnectionLifetime(1, local: null, remote: null, new BufferPool(0));
        await using var stream = new SocketStream(_near, receive, send, lifetime);
        ValueTask<SocketResult> receiving = receive.ReceiveAsync(_near, new byte[1]);
        _far.LingerState = new LingerOption(true, 0);
        _far.Dispose();
        Assert.Equal(new SocketResult(0, SocketError.ConnectionReset), await receiving.WithinLimit());
        SocketResult sent = await send.SendAsync(_near, new byte[10]).WithinLimit();
        Assert.Equal((0, false, 0L), (sent.Bytes, sent.IsSuccess, send.PendingSince));

        Assert.Equal(CloseReason.PeerReset, stream.RawEnd);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken).WithinLimit());
        IOException failure = await Assert.ThrowsAsync<IOException>(
            async () => await stream.WriteAsync(new byte[10], TestContext.Current.CancellationToken).WithinLimit());
        Assert.Equal(sent.Error, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task A_write_that_is_under_way_when_the_peer_resets_throws()
    {
        var lifetime = new ConnectionLifetime(1, local: null, remote: null, new BufferPool(0));
        SendOperation send = _pool.Send.Rent();
        await using var stream = new SocketStream(_near, _pool.Receive.Rent(), send, lifetime);
        // More than both kernels take.
        ValueTask write = stream.WriteAsync(new byte[64 * 1024 * 1024], TestContext.Current.CancellationToken);
        Assert.False(write.IsCompleted);
        Assert.NotEqual(0, send.PendingSince);
        _far.LingerState = new LingerOption(true, 0);
        _far.Dispose();
        IOException failure = await Assert.ThrowsAsync<IOException>(async () => await write.WithinLimit());
        Assert.IsType<SocketException>(failure.InnerException);
        Assert.Equal(0, send.PendingSince);
    }

    [Fact]
    public async Task An_accept_and_a_connect_fail_by_value()
    {
        AcceptOperation accept = _pool.Accept.Rent();
        ConnectOperation connect = _pool.Connect.RentOrCreate();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        EndPoint address = listener.LocalEndPoint!;
        ValueTask<SocketResult> accepting = accept.AcceptAsync(listener);
        listener.Dispose();
        Assert.Equal(new SocketResult(0, SocketError.OperationAborted), await accepting.WithinLimit());
        Assert.Equal(new SocketResult(0, SocketError.ConnectionRefused), await connect.ConnectAsync(socket, address).WithinLimit());
        _pool.Accept.Return(accept);
        _pool.Connect.Return(connect);
        // Neither is used again.
        Assert.Equal(((1, 0), (0, 0)), (_pool.Accept.Count, _pool.Connect.Count));
    }

    public ValueTask DisposeAsync()
    {
        _pair.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SocketResult Moved(int bytes) => new(bytes, SocketError.Success);
}
