using System.Diagnostics;
using CommunityToolkit.HighPerformance.Buffers;
using RawEcho.Engine;
using RawEcho.Engine.Tls;

namespace RawEcho.Client;

/// <summary>Hands each connection to the client that opened it.</summary>
internal sealed class LoadHandler : IConnectionHandler
{
    public Task HandleAsync(Connection connection) => ((LoadClient)connection.State!).RunAsync(connection);
}

/// <summary>
/// One client of the load: sends a random message, reads the whole echo, compares every byte, and begins again.
/// What it has come to can be read at any time; one flow writes it.
/// </summary>
/// <param name="run">What all clients share.</param>
/// <param name="quota">How many messages to send.</param>
/// <param name="describe">True to keep <see cref="Tls"/> for the user to read.</param>
internal sealed class LoadClient(LoadRun run, long quota, bool describe = false)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _roundTrips;
    private long _readyAt;

    /// <summary>The connection once its handshake is complete; null before.</summary>
    public Connection? Connection { get; private set; }

    /// <summary>What the handshake came to; null without TLS, or when nobody asked.</summary>
    public TlsDetails? Tls { get; private set; }

    /// <summary>Completes when the handshake is complete.</summary>
    public Task Ready => _ready.Task;

    /// <summary>True while the end of the handshake is so near that the end of the connection may be its consequence.</summary>
    public bool IsJustReady => _readyAt != 0 && Stopwatch.GetElapsedTime(_readyAt) < TimeSpan.FromSeconds(2);

    /// <summary>Messages whose whole echo has come back and matched.</summary>
    public long RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>Bytes of the message that is on its way; 0 when none is.</summary>
    public int Owed { get; private set; }

    /// <summary>How many of <see cref="Owed"/> have come back.</summary>
    public int Echoed { get; private set; }

    /// <summary>What was wrong with an echo; null when nothing was.</summary>
    public string? Mismatch { get; private set; }

    /// <summary>True when the client has done all that it had to.</summary>
    public bool IsDone { get; private set; }

    public async Task RunAsync(Connection connection)
    {
        Connection = connection;
        _readyAt = Stopwatch.GetTimestamp();
        // Now, because a moment later the connection may be gone, and with it what it could tell.
        Tls = describe ? connection.Tls : null;
        run.MarkReady();
        _ready.TrySetResult();

        // A server that refuses a certificate under TLS 1.3 does so after the handshake: listen while waiting for the start.
        Task<int> firstSign = connection.WaitForDataAsync().AsTask();
        if (await Task.WhenAny(firstSign, run.Started) == firstSign && !run.Started.IsCompleted)
        {
            await firstSign;
            if (await connection.ReadAsync(new byte[1]) > 0) Mismatch = "The server sent data before it was sent any: it is no echo server.";
            return;
        }

        if (!run.IsStopping && quota > 0)
        {
            await SendAndCompareAsync(connection, firstSign);
            return;
        }

        IsDone = true;
        // The engine cannot say goodbye while somebody reads.
        connection.EndWhenIdle();
        await firstSign;
    }

    private async Task SendAndCompareAsync(Connection connection, Task<int> firstSign)
    {
        int largest = run.Shape.MaxSize;
        using var messages = MemoryOwner<byte>.Allocate(largest);
        // One byte more than the longest echo: a server that sends too much is found out.
        using var echoes = MemoryOwner<byte>.Allocate(largest + 1);
        var random = new Random();

        while (!run.IsStopping && _roundTrips < quota)
        {
            Memory<byte> message = messages.Memory[..random.Next(run.Shape.MinSize, largest + 1)];
            random.NextBytes(message.Span);
            (Owed, Echoed) = (message.Length, 0);
            long start = Stopwatch.GetTimestamp();

            // Not awaited before reading: the echo of a long message must be taken while it is still being sent.
            ValueTask sent = connection.WriteAsync(message);
            if (_roundTrips == 0) await firstSign;
            while (Echoed < message.Length)
            {
                int read = await connection.ReadAsync(echoes.Memory[Echoed..]);
                if (read == 0) return;
                Mismatch = Compare(message.Span, echoes.Span, Echoed, read);
                if (Mismatch is not null) return;
                Echoed += read;
            }

            await sent;
            run.Record(start);
            Owed = 0;
            Volatile.Write(ref _roundTrips, _roundTrips + 1);
        }

        IsDone = true;
        run.MarkDone();
    }

    private static string? Compare(ReadOnlySpan<byte> message, ReadOnlySpan<byte> echo, int from, int read)
    {
        if (from + read > message.Length) return $"The echo of {message.Length} bytes is longer than that.";
        int same = message.Slice(from, read).CommonPrefixLength(echo.Slice(from, read));
        return same == read ? null : $"Byte {from + same} of an echo of {message.Length} bytes is not what was sent.";
    }
}
