using System.Buffers;
using BenchmarkDotNet.Attributes;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Transport;

namespace RawEcho.Benchmarks.Pieces;

/// <summary>Renting and returning, beside what .NET offers for the same.</summary>
public class PoolPieces
{
    private const int MaxBytes = 64 * 1024 * 1024;

    private readonly BufferPool _buffers = new(MaxBytes);
    private readonly ArrayPool<byte> _arrays = ArrayPool<byte>.Shared;
    private readonly SocketOperationPool _operations = new(connections: 64, preallocated: 64);

    [Benchmark]
    public int SmallBuffer()
    {
        using IMemoryOwner<byte> buffer = _buffers.Rent(BufferPool.SmallBlock);
        return buffer.Memory.Length;
    }

    [Benchmark]
    public int LargeBuffer()
    {
        using IMemoryOwner<byte> buffer = _buffers.Rent(BufferPool.LargeBlock);
        return buffer.Memory.Length;
    }

    /// <summary>The shared array pool, for comparison.</summary>
    [Benchmark]
    public int SmallArray()
    {
        byte[] array = _arrays.Rent(BufferPool.SmallBlock);
        _arrays.Return(array);
        return array.Length;
    }

    [Benchmark]
    public void Operation() => _operations.Receive.Return(_operations.Receive.Rent());
}
