using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using RawEcho.Engine.Transport;

namespace RawEcho.Benchmarks.Pieces;

/// <summary>An echo over two connected sockets, without TLS: what pooled socket operations cost beside the kernel.</summary>
public class SocketPieces
{
    private readonly byte[] _message = new byte[100];
    private readonly byte[] _received = new byte[100];
    private readonly SendOperation _send = new() { CompletesInline = true };
    private readonly ReceiveOperation _receive = new() { CompletesInline = true };
    private Socket _near = null!;
    private Socket _far = null!;

    [GlobalSetup]
    public void Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _near.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
        _far.NoDelay = true;
    }

    [GlobalCleanup]
    public void Close()
    {
        _near.Dispose();
        _far.Dispose();
        _send.Dispose();
        _receive.Dispose();
    }

    /// <summary>There and back: two sends and two receives.</summary>
    [Benchmark]
    public async Task EchoByOperations()
    {
        await MoveAsync(_near, _far);
        await MoveAsync(_far, _near);
    }

    /// <summary>The same with the socket's own awaitable methods, for comparison.</summary>
    [Benchmark]
    public async Task EchoBySockets()
    {
        await MoveBySocketsAsync(_near, _far);
        await MoveBySocketsAsync(_far, _near);
    }

    // The receive is pending before the send: that is the path of a waiting server.
    private async ValueTask MoveAsync(Socket from, Socket to)
    {
        ValueTask<SocketResult> receiving = _receive.ReceiveAsync(to, _received);
        await _send.SendAsync(from, _message);
        for (int total = (await receiving).Bytes; total < _message.Length;) total += (await _receive.ReceiveAsync(to, _received)).Bytes;
    }

    private async ValueTask MoveBySocketsAsync(Socket from, Socket to)
    {
        ValueTask<int> receiving = to.ReceiveAsync(_received.AsMemory());
        await from.SendAsync(_message.AsMemory());
        for (int total = await receiving; total < _message.Length;) total += await to.ReceiveAsync(_received.AsMemory());
    }
}
