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
    private readonly SocketOperationPool _operations = new(capacity: 100, preallocate: 4);
    private readonly MemoryTrim _trim;

    public MemoryTrimTests() => _trim = new MemoryTrim(_buffers, _operations);

    [Theory]
    [InlineData(99, 0, false)]
    [InlineData(100, 0, true)]
    [InlineData(0, (16 * MiB) - 1, false)]
    [InlineData(0, 16 * MiB, true)]
    public void Trims_when_enough_has_changed_or_was_allocated(long changes, long allocated, bool expected) =>
        Assert.Equal(expected, _trim.TrimIfWorthIt(changes, allocated, now: 0));

    [Fact]
    public void Small_changes_add_up_and_count_once()
    {
        Assert.False(_trim.TrimIfWorthIt(60, 0, 0));
        Assert.True(_trim.TrimIfWorthIt(120, 0, Later));
        Assert.False(_trim.TrimIfWorthIt(219, 0, 2 * Later));
        Assert.True(_trim.TrimIfWorthIt(220, 0, 3 * Later));
    }

    [Fact]
    public void Takes_at_most_a_hundredth_of_the_time()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(_trim.TrimIfWorthIt(100, 0, now: 0));
        // A collection takes a millisecond at least; and it cannot have taken more than all of it together.
        Assert.False(_trim.TrimIfWorthIt(200, 0, now: 99));
        Assert.True(_trim.TrimIfWorthIt(200, 0, now: (100 * clock.ElapsedMilliseconds) + 100));
    }

    [Fact]
    public void Garbage_is_given_back()
    {
        WeakReference garbage = MakeGarbage();
        Assert.True(_trim.TrimIfWorthIt(100, 0, 0));
        Assert.False(garbage.IsAlive);
    }

    [Fact]
    public void Buffers_that_lie_idle_are_reason_enough_and_are_let_go()
    {
        int before = _buffers.Free;
        IMemoryOwner<byte>[] burst = [.. Enumerable.Range(0, 100).Select(_ => _buffers.Rent(BufferPool.LargeBlock))];
        Assert.False(_trim.TrimIfWorthIt(0, 0, 0));
        Assert.Equal(100, _buffers.InUse);
        foreach (IMemoryOwner<byte> buffer in burst) buffer.Dispose();
        Assert.True(_trim.TrimIfWorthIt(0, 0, Later));
        // One slab of large ones stays.
        Assert.Equal((0, before + 8), (_buffers.InUse, _buffers.Free));
        Assert.False(_trim.TrimIfWorthIt(0, 0, 2 * Later));
    }

    [Fact]
    public void Args_beyond_those_made_in_advance_are_let_go()
    {
        SocketOperation[] burst = [.. Enumerable.Range(0, 50).Select(_ => _operations.Rent())];
        foreach (SocketOperation operation in burst) _operations.Return(operation);
        Assert.Equal((50, 0), _operations.Count);
        Assert.True(_trim.TrimIfWorthIt(100, 0, 0));
        Assert.Equal((4, 0), _operations.Count);
        _operations.Return(_operations.Rent());
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference MakeGarbage()
    {
        var garbage = new byte[100];
        GC.Collect();
        GC.Collect();
        return new WeakReference(garbage);
    }
}
