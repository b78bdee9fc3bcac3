using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Accepts: when it succeeds, the connection is <see cref="SocketAsyncEventArgs.AcceptSocket"/>.</summary>
internal sealed class AcceptOperation : SocketOperation
{
    public ValueTask<SocketResult> AcceptAsync(Socket listener)
    {
        ThrowIfUnderWay();
        AcceptSocket = null;
        return RunAsync(listener);
    }

    public override void Clear()
    {
        base.Clear();
        AcceptSocket = null;
    }

    protected override bool Start(Socket socket) => socket.AcceptAsync(this);
}
