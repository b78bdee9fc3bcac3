using System.Buffers;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.UnitTests;

public sealed class MemoryTrimTests
{
    private const int MiB = 1024 * 1024;
    private const long Later = 1_000_000;

    private readonly BufferPool _buffers = new(maxBytes: 64 * MiB);
    private readonly SocketOperationPool _operations = new(connections: 100, preallocated: 4);
    private readonly MemoryTrim _trim;

    public MemoryTrimTests() => _trim = new MemoryTrim(_buffers, _operations);

    [Theory]
    [InlineData(99, 0, 0, false)]
    [InlineData(100, 0, 0, true)]
    [InlineData(599, 10_000, 0, false)]
    [InlineData(600, 10_000, 0, true)]
    [InlineData(0, 0, (16 * MiB) - 1, false)]
    [InlineData(0, 0, 16 * MiB, true)]
    public void Trims_when_enough_has_changed_or_was_allocated(long changes, long open, long allocated, bool expected) =>
        Assert.Equal(expected, _trim.TrimIfWorthIt(changes, open, allocated, now: 0));

    [Fact]
    public void Small_changes_add_up_and_count_once()
    {
        Assert.False(Trim(60, 0));
        Assert.True(Trim(120, Later));
        Assert.False(Trim(219, 2 * Later));
        Assert.True(Trim(220, 3 * Later));
    }

    [Fact]
    public void Pauses_do_not_follow_one_upon_the_other()
    {
        Assert.True(Trim(100, 0));
        Assert.False(Trim(500, 4_999));
        Assert.True(Trim(500, 5_000));
    }

    [Fact]
    public void A_process_that_is_never_quiet_trims_less_often()
    {
        Assert.False(_trim.TrimWhileBusy(999, 0));
        Assert.True(_trim.TrimWhileBusy(1000, 0));
        Assert.False(_trim.TrimWhileBusy(5000, 9_999));
        Assert.True(_trim.TrimWhileBusy(5000, 10_000));
        Assert.False(_trim.TrimWhileBusy(5999, Later));
        Assert.True(Trim(6000, Later));
        Assert.False(_trim.TrimWhileBusy(6999, 2 * Later));
        Assert.True(_trim.TrimWhileBusy(7000, 2 * Later));
    }

    [Fact]
    public void Garbage_is_given_back()
    {
        WeakReference garbage = MakeGarbage();
        Assert.True(Trim(100, 0));
        Assert.False(garbage.IsAlive);
    }

    [Fact]
    public void Buffers_that_lie_idle_are_reason_enough_and_are_let_go()
    {
        int before = _buffers.Free;
        IMemoryOwner<byte>[] burst = [.. Enumerable.Range(0, 100).Select(_ => _buffers.Rent(BufferPool.LargeBlock))];
        Assert.False(Trim(0, 0));
        Assert.Equal(100, _buffers.InUse);
        foreach (IMemoryOwner<byte> buffer in burst) buffer.Dispose();
        Assert.True(Trim(0, Later));
        // One slab of large ones stays.
        Assert.Equal((0, before + 8), (_buffers.InUse, _buffers.Free));
        Assert.False(Trim(0, 2 * Later));
    }

    [Fact]
    public void Args_beyond_those_made_in_advance_are_let_go()
    {
        int before = _operations.Count.Free;
        ReceiveOperation[] burst = [.. Enumerable.Range(0, 50).Select(_ => _operations.Receive.Rent())];
        foreach (ReceiveOperation operation in burst) _operations.Receive.Return(operation);
        _operations.Connect.Return(_operations.Connect.Rent());
        Assert.Equal((before + 50 - 4 + 1, 0), _operations.Count);
        Assert.True(Trim(100, 0));
        Assert.Equal((4, 0), _operations.Receive.Count);
        Assert.Equal((before, 0), _operations.Count);
        _operations.Receive.Return(_operations.Receive.Rent());
    }

    private bool Trim(long changes, long now) => _trim.TrimIfWorthIt(changes, open: 0, allocated: 0, now);

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference MakeGarbage()
    {
        var garbage = new byte[100];
        GC.Collect();
        GC.Collect();
        return new WeakReference(garbage);
    }
}
