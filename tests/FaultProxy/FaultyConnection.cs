using System.Net;
using System.Net.Sockets;

namespace RawEcho.Faults;

/// <summary>One connection through the proxy: two sockets, two directions, one plan.</summary>
internal sealed class FaultyConnection(Socket client, FaultPlan plan, TimeSpan longestDelay)
{
    private const int BlockSize = 1 << 14;
    private const int LongestPiece = 700;

    // After bytes were turned or are missing, both sides may wait for what never comes: then the proxy hangs up.
    private static readonly TimeSpan HangUpAfter = TimeSpan.FromMilliseconds(300);

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>True when the fault of the plan has happened.</summary>
    public bool Happened { get; private set; }

    public async Task RunAsync(IPEndPoint target, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using (_server)
        {
            try
            {
                client.NoDelay = true;
                await _server.ConnectAsync(target, over.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                return;
            }

            Task there = PumpAsync(client, _server, toServer: true, over);
            Task back = PumpAsync(_server, client, toServer: false, over);
            await Task.WhenAll(there, back);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool toServer, CancellationTokenSource over)
    {
        Random rhythm = plan.Rhythm(toServer);
        byte[] block = new byte[BlockSize];
        long position = 0;
        try
        {
            while (true)
            {
                int read = await from.ReceiveAsync(block, over.Token);
                if (read == 0) break;
                bool here = plan.Kind != FaultKind.None
                    && plan.ToServer == toServer && plan.Offset >= position && plan.Offset < position + read;
                Memory<byte> data = here ? Damage(block.AsMemory(0, read), (int)(plan.Offset - position)) : block.AsMemory(0, read);
                position += read;
                await SendAsync(to, data, rhythm, over.Token);
                if (here && !await GoOnAsync(to, over)) return;
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side has gone in its own way: the other one is to know.
            Reset();
            await over.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The other direction has ended it.
        }
    }

    private Memory<byte> Damage(Memory<byte> data, int at)
    {
        Happened = true;
        switch (plan.Kind)
        {
            case FaultKind.Flip:
                data.Span[at] ^= (byte)(1 << plan.Bit);
                return data;
            case FaultKind.Drop:
                int after = Math.Min(data.Length, at + plan.Length);
                data[after..].CopyTo(data[at..]);
                return data[..(data.Length - (after - at))];
            default:
                return data[..at];
        }
    }

    // False when the fault is the end of the connection.
    private async Task<bool> GoOnAsync(Socket to, CancellationTokenSource over)
    {
        switch (plan.Kind)
        {
            case FaultKind.Truncate:
                to.Shutdown(SocketShutdown.Send);
                over.CancelAfter(HangUpAfter);
                return false;
            case FaultKind.Reset:
                Reset();
                await over.CancelAsync();
                return false;
            default:
                over.CancelAfter(HangUpAfter);
                return true;
        }
    }

    private void Reset()
    {
        foreach (Socket socket in (Socket[])[client, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Dispose();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has gone already.
            }
        }
    }

#pragma warning disable CA5394 // It must be repeatable; nothing is kept secret with it.
    private async Task SendAsync(Socket to, Memory<byte> data, Random rhythm, CancellationToken cancellation)
    {
        // Most of the time as it came; otherwise in pieces, some of which are late. What is late is merged by the kernel with what follows.
        bool inPieces = rhythm.Next(4) == 0;
        while (!data.IsEmpty)
        {
            int length = inPieces ? Math.Min(data.Length, rhythm.Next(1, LongestPiece)) : data.Length;
            int sent = await to.SendAsync(data[..length], cancellation);
            data = data[sent..];
            if (inPieces && longestDelay > TimeSpan.Zero && rhythm.Next(3) == 0)
                await Task.Delay(longestDelay * rhythm.NextDouble(), cancellation);
        }
    }
#pragma warning restore CA5394
}
