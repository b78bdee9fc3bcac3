using System.Buffers;
using RawEcho.Engine;
using RawEcho.Streams;

namespace RawEcho.Server.Streams;

/// <summary>
/// The other end of an upload or a download: verifies what comes, and sends as fast as the peer takes it. A peer that takes nothing holds
/// no more than one that does not read its echoes; --write-timeout ends it.
/// </summary>
internal sealed class StreamHandler(StreamMode mode) : IConnectionHandler
{
    // Then others have their turn, however fast this peer is.
    private const int BlocksInTurn = 8;

    public async Task HandleAsync(Connection connection)
    {
        // A write that always finds room would keep an event loop, and all of its connections, to itself.
        connection.CompletesInline = false;
        var sink = new Sink(mode, connection);
        Task reading = sink.RunAsync();
        Task writing = mode.HasDownload() ? SendAsync(connection, sink, reading) : Task.CompletedTask;
        await Task.WhenAll(reading, writing);
        if (sink.IsDamaged) await new FrameWriter(connection).WriteAsync(new StreamFrame(sink.Verified, StreamFrame.Damaged));
    }

    private static async Task SendAsync(Connection connection, Sink sink, Task reading)
    {
        var frames = new FrameWriter(connection);
        long sent = 0;
        for (int block = 1; !reading.IsCompleted && !connection.EndRequested.IsCancellationRequested; block++)
        {
            await frames.WriteAsync(new StreamFrame(sink.Verified, StreamPattern.Block));
            await connection.WriteAsync(StreamPattern.From(sent, StreamPattern.Block));
            sent += StreamPattern.Block;
            if (block % BlocksInTurn == 0) await Task.Yield();
        }
    }

    private sealed class FrameWriter(Connection connection)
    {
        private readonly byte[] _frame = new byte[StreamFrame.Size];

        public ValueTask WriteAsync(StreamFrame frame)
        {
            frame.Write(_frame);
            return connection.WriteAsync(_frame);
        }
    }

    private sealed class Sink(StreamMode mode, Connection connection)
    {
        private readonly FrameWriter _frames = new(connection);
        private long _verified;

        /// <summary>Bytes that came and were right.</summary>
        public long Verified => Volatile.Read(ref _verified);

        /// <summary>A byte was wrong, or came in a download, where none may.</summary>
        public bool IsDamaged { get; private set; }

        /// <summary>Reads until the peer has no more, something is wrong, or the server stops.</summary>
        public async Task RunAsync()
        {
            long told = 0;
            for (int turn = 1; !connection.EndRequested.IsCancellationRequested; turn++)
            {
                await connection.WaitForDataAsync();
                if (!await TakeAsync()) return;
                long whole = Verified / StreamPattern.Block;
                if (mode == StreamMode.Upload && whole > told) await _frames.WriteAsync(new StreamFrame(Verified, 0));
                told = whole;
                if (turn % BlocksInTurn == 0) await Task.Yield();
            }
        }

        private async Task<bool> TakeAsync()
        {
            using IMemoryOwner<byte> buffer = connection.RentBuffer();
            int read = await connection.ReadAsync(buffer.Memory);
            if (read == 0) return false;
            int same = mode.HasUpload() ? StreamPattern.CountSame(Verified, buffer.Memory.Span[..read]) : 0;
            Volatile.Write(ref _verified, Verified + same);
            IsDamaged = same < read;
            return !IsDamaged;
        }
    }
}
