using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Reader and writer over a connection in memory, and the peer's end of it.</summary>
internal sealed class PipeFixture : IPipeOwner
{
    /// <param name="isMultiplexed">Whether many streams share the connection.</param>
    public PipeFixture(bool isMultiplexed = false)
    {
        (Near, Far) = MemoryConnection.CreatePair();
        Reader = new ConnectionReader(Near, this);
        Writer = new ConnectionWriter(Near, this, isMultiplexed);
    }

    public MemoryConnection Near { get; }

    public MemoryConnection Far { get; }

    public ConnectionReader Reader { get; }

    public ConnectionWriter Writer { get; }

    public int InputEnded { get; private set; }

    public Exception? InputFailure { get; private set; }

    public Exception? OutputFailure { get; private set; }

    public ValueTask SendAsync(string text) => Far.WriteAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Reads until the unconsumed data has at least so many bytes, and consumes none.</summary>
    public async Task<ReadResult> ReadAtLeastAsync(int bytes)
    {
        while (true)
        {
            ReadResult result = await Reader.ReadAsync().WithinLimit();
            if (result.Buffer.Length >= bytes || result.IsCompleted) return result;
            Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public async Task<string> ReceiveAsync(int bytes)
    {
        byte[] received = new byte[bytes];
        await Far.AsStream().ReadExactlyAsync(received).WithinLimit();
        return Encoding.ASCII.GetString(received);
    }

    public static string TextOf(ReadResult result) => Encoding.ASCII.GetString(result.Buffer.ToArray());

    void IPipeOwner.OnInputEnding(Exception? failure) => InputFailure = failure;

    void IPipeOwner.OnInputEnded() => InputEnded++;

    void IPipeOwner.Resume(IWaiter waiter) => waiter.Resume();

    void IPipeOwner.OnOutputFailed(Exception failure) => OutputFailure = failure;
}
