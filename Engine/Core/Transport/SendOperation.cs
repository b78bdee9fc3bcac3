using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawEcho.Engine.Transport;

/// <summary>Sends, and says since when.</summary>
internal sealed class SendOperation : SocketOperation
{
    private long _startedAt;

    /// <summary>Since when a send has been under way (Environment.TickCount64); 0 when none is.</summary>
    // The read of InFlight pairs with its write in RunAsync: whoever sees the send under way sees when it began, and not when the one
    // before did, which would look like a peer that takes nothing.
    public long PendingSince => InFlight ? _startedAt : 0;

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    public ValueTask<SocketResult> SendAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        ThrowIfUnderWay();
        SetBuffer(MemoryMarshal.AsMemory(data));
        _startedAt = Environment.TickCount64;
        return RunAsync(socket);
    }

    protected override bool Start(Socket socket) => socket.SendAsync(this);
}
