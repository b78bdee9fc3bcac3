using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public class HandshakeStreamTests
{
    private readonly HandshakeGate _gate = new(places: 1, maxWaiting: 0, Timeout.InfiniteTimeSpan, TimeProvider.System);

    [Fact]
    public async Task A_place_is_held_while_there_is_something_to_compute_and_never_while_waiting_for_the_peer()
    {
        (MemoryConnection near, HandshakeStream handshake) = Create(maxBytes: 0);
        byte[] buffer = new byte[200_000];
        ValueTask<int> read = handshake.ReadAsync(buffer);
        Assert.Equal(1, _gate.Free);
        await near.Bytes.WriteAsync(new byte[] { 1 }).WithinLimit();
        Assert.Equal(1, await read.WithinLimit());
        Assert.Equal(0, _gate.Free);

        // More than the pipe takes while nobody reads.
        Task write = handshake.WriteAsync(buffer).AsTask();
        Assert.Equal((false, 1), (write.IsCompleted, _gate.Free));
        await near.Bytes.ReadExactlyAsync(buffer).WithinLimit();
        await write.WithinLimit();
        Assert.Equal(0, _gate.Free);

        handshake.Complete();
        Assert.Equal(1, _gate.Free);
        handshake.Complete();
        Assert.Equal(1, _gate.Free);
    }

    [Fact]
    public async Task After_the_handshake_nothing_is_bounded_and_nothing_takes_a_place()
    {
        (MemoryConnection near, HandshakeStream handshake) = Create(maxBytes: 1);
        await near.Bytes.WriteAsync(new byte[] { 1 }).WithinLimit();
        Assert.Equal(1, await handshake.ReadAsync(new byte[10]).WithinLimit());
        handshake.Complete();
        await near.Bytes.WriteAsync(new byte[] { 2 }).WithinLimit();
        Assert.Equal(1, await handshake.ReadAsync(new byte[10]).WithinLimit());
        Assert.Equal(1, _gate.Free);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task The_read_behind_the_bound_is_refused(int maxBytes, bool refused)
    {
        (MemoryConnection near, HandshakeStream handshake) = Create(maxBytes);
        byte[] buffer = new byte[100];
        await near.Bytes.WriteAsync(buffer).WithinLimit();
        Assert.Equal(100, await handshake.ReadAsync(buffer).WithinLimit());
        await near.Bytes.WriteAsync(buffer).WithinLimit();
        if (refused) await Assert.ThrowsAsync<IOException>(() => handshake.ReadAsync(buffer).WithinLimit());
        else Assert.Equal(100, await handshake.ReadAsync(buffer).WithinLimit());
    }

    private (MemoryConnection Near, HandshakeStream Handshake) Create(int maxBytes)
    {
        (MemoryConnection near, MemoryConnection far) = MemoryConnection.CreatePair();
        return (near, new HandshakeStream(far, new HandshakeLimits(_gate, maxBytes)));
    }
}
