using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Connects a socket.</summary>
internal sealed class ConnectOperation : SocketOperation
{
    public ValueTask<SocketResult> ConnectAsync(Socket socket, EndPoint remote)
    {
        ThrowIfUnderWay();
        RemoteEndPoint = remote;
        return RunAsync(socket);
    }

    public override void Clear()
    {
        base.Clear();
        RemoteEndPoint = null;
    }

    protected override bool Start(Socket socket) => socket.ConnectAsync(this);
}
