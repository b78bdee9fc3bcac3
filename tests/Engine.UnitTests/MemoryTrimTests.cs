using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

public sealed class MemoryTrimTests
{
    private readonly MemoryTrim _trim = new();

    [Theory]
    [InlineData(99, 10_000, false)]
    [InlineData(100, 1_999, false)]
    [InlineData(100, 2_000, true)]
    public void Trims_after_many_connections_and_a_rest(long connections, long rest, bool expected) =>
        Assert.Equal(expected, _trim.TrimIfQuiet(connections, lastProgress: 5_000, now: 5_000 + rest));

    [Fact]
    public void Trims_once_for_the_same_connections()
    {
        Assert.True(_trim.TrimIfQuiet(100, 0, 10_000));
        Assert.False(_trim.TrimIfQuiet(199, 0, 20_000));
        Assert.True(_trim.TrimIfQuiet(200, 0, 30_000));
    }

    [Fact]
    public void Garbage_is_given_back()
    {
        WeakReference garbage = MakeGarbage();
        Assert.True(_trim.TrimIfQuiet(100, 0, 10_000));
        Assert.False(garbage.IsAlive);
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
