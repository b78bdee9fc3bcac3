using System.Net.Sockets;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public sealed class SocketOperationTests : IAsyncLifetime
{
    private readonly SocketOperationPool _pool = new(capacity: 4, preallocate: 2);
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
        SocketOperation args = _pool.Rent();
        ValueTask<int> first = args.ReceiveAsync(_near, new byte[10]);
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Throws<InvalidOperationException>(() => _pool.Return(args));
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        Assert.Equal(3, await first.WithinLimit());
        _pool.Return(args);
        Assert.Throws<InvalidOperationException>(() => _pool.Return(args));
    }

    [Fact]
    public async Task Before_the_result_of_one_operation_is_taken_there_is_no_other_and_the_args_are_not_taken_back()
    {
        SocketOperation args = _pool.Rent();
        ValueTask<int> first = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        await TimeLimit.Until(() => !args.InFlight, "the socket is done with them");
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Equal(3, await first.WithinLimit());

        ValueTask<int> untaken = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 4 }).WithinLimit();
        await TimeLimit.Until(() => !args.InFlight, "the socket is done with them");
        _pool.Return(args);
        Assert.Equal((1, 0), _pool.Count);
        // What is not taken back is disposed of.
        Assert.Equal(1, await untaken.WithinLimit());
        Assert.Throws<ObjectDisposedException>(() => args.ReceiveAsync(_near, new byte[10]));
    }

    [Fact]
    public async Task A_result_is_taken_once()
    {
        SocketOperation args = _pool.Rent();
        ValueTask<int> receive = args.ReceiveAsync(_near, new byte[10]);
        ValueTask<int> copy = receive;
        await _far.SendAsync(new byte[] { 1 }).WithinLimit();
        Assert.Equal(1, await receive.WithinLimit());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await copy);
    }

    [Fact]
    public async Task What_is_rented_again_knows_nothing_of_the_connection_before()
    {
        SocketOperation args = _pool.Rent();
        args.CompletesInline = true;
        ValueTask<int> first = args.ReceiveAsync(_near, new byte[10]);
        await _far.SendAsync(new byte[] { 1, 2, 3 }).WithinLimit();
        Assert.Equal(3, await first.WithinLimit());
        _far.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await args.ReceiveAsync(_near, new byte[10]).WithinLimit());
        Assert.Equal((3, SocketError.Success), (args.BytesReceived, args.ReceiveEnd));
        _pool.Return(args);
        Assert.Same(args, _pool.Rent());
        Assert.Equal((0, null, false, 0), (args.BytesReceived, args.ReceiveEnd, args.CompletesInline, args.MemoryBuffer.Length));
    }

    [Fact]
    public void What_could_not_be_started_leaves_the_args_at_rest()
    {
        SocketOperation args = _pool.Rent();
        _near.Dispose();
        Assert.Throws<ObjectDisposedException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.Throws<ObjectDisposedException>(() => args.WaitAsync(_near));
        Assert.Equal((false, false), (args.InFlight, args.ResultPending));
        _pool.Return(args);
        Assert.Equal((2, 0), _pool.Count);
    }

    [Fact]
    public async Task A_wait_takes_no_data_and_ends_when_there_is_some()
    {
        SocketOperation args = _pool.Rent();
        ValueTask<int> wait = args.WaitAsync(_near);
        Assert.False(wait.IsCompleted);
        await _far.SendAsync(new byte[] { 7 }).WithinLimit();
        Assert.Equal(0, await wait.WithinLimit());
        byte[] data = new byte[1];
        Assert.Equal(1, await args.ReceiveAsync(_near, data).WithinLimit());
        Assert.Equal(7, data[0]);
        Assert.False(args.TryEndWait());
        _pool.Return(args);
    }

    [Fact]
    public async Task A_wait_can_be_ended_and_its_args_are_free_only_when_the_socket_lets_go()
    {
        SocketOperation args = _pool.Rent();
        await _far.SendAsync(new byte[] { 1, 2 }).WithinLimit();
        Assert.Equal(2, await args.ReceiveAsync(_near, new byte[10]).WithinLimit());
        ValueTask<int> wait = args.WaitAsync(_near);
        Assert.True(args.TryEndWait());
        Assert.False(args.TryEndWait());
        Assert.Equal(0, await wait.WithinLimit());
        Assert.Throws<InvalidOperationException>(() => args.ReceiveAsync(_near, new byte[10]));
        Assert.True(args.InFlight);
        Assert.Throws<InvalidOperationException>(() => _pool.Return(args));
        Task released = args.WhenReleased();
        Assert.False(released.IsCompleted);
        await _far.SendAsync(new byte[] { 1 }).WithinLimit();
        await released.WithinLimit();
        _pool.Return(args);
    }

    [Fact]
    public async Task Closing_the_socket_ends_what_is_under_way_and_the_args_are_not_taken_back()
    {
        SocketOperation args = _pool.Rent();
        ValueTask<int> receive = args.ReceiveAsync(_near, new byte[10]);
        _near.Dispose();
        Assert.Equal(0, await receive.WithinLimit());
        Assert.Equal(SocketError.OperationAborted, args.SocketError);
        _pool.Return(args);
        Assert.Equal((1, 0), _pool.Count);
    }

    [Fact]
    public async Task The_end_of_a_stream_is_remembered_as_what_it_was()
    {
        SocketOperation args = _pool.Rent();
        ValueTask<int> wait = args.WaitAsync(_near);
        _far.LingerState = new LingerOption(true, 0);
        _far.Dispose();
        await wait.WithinLimit();
        // The kernel reports a reset once; a second receive says end of stream, which would be a lie.
        await args.ReceiveAsync(_near, new byte[1]).WithinLimit();
        Assert.Equal(SocketError.ConnectionReset, args.ReceiveEnd);
    }

    [Fact]
    public async Task Ending_waits_while_data_arrives_loses_neither_wait_nor_data()
    {
        for (int round = 0; round < 300; round++)
        {
            using var pair = await SocketPair.CreateAsync();
            var args = new SocketOperation { CompletesInline = round % 2 == 0 };
            ValueTask<int> wait = args.WaitAsync(pair.Near);
            Task ending = Task.Run(() => args.TryEndWait());
            Task sending = pair.Far.SendAsync(new byte[] { 1 });
            await wait.WithinLimit();
            await Task.WhenAll(ending, sending).WithinLimit();
            await args.WhenReleased().WithinLimit();
            Assert.Equal(1, pair.Near.Available);
        }
    }

    public ValueTask DisposeAsync()
    {
        _pair.Dispose();
        return ValueTask.CompletedTask;
    }
}
