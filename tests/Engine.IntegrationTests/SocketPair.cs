using System.Net;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Two connected sockets.</summary>
internal sealed class SocketPair(Socket near, Socket far) : IDisposable
{
    public Socket Near { get; } = near;

    public Socket Far { get; } = far;

    public static async Task<SocketPair> CreateAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!).WithinLimit();
        return new SocketPair(near, await listener.AcceptAsync().WithinLimit());
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
