using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Accepting goes on, whatever becomes of a connection.</summary>
public sealed class AcceptLoopTests : IConnectionObserver
{
    private readonly ConcurrentQueue<Exception> _faults = new();

    [Fact]
    public async Task What_nobody_foresaw_is_reported_costs_one_connection_and_accepting_goes_on()
    {
        const int bad = 3;
        var operations = new SocketOperationPool(connections: 0, preallocated: 0);
        using var listener = new SocketListener(ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), backlog: 10), operations);
        using var descriptors = new DescriptorReserve(maxConnections: 10);
        using var stop = new CancellationTokenSource();
        var admitted = new ConcurrentQueue<Socket>();
        int seen = 0;
        Task loop = new AcceptLoop(listener, descriptors, Admit, new ContainedObserver(this)).RunAsync(stop.Token);
        for (int i = 0; i < bad; i++)
        {
            using Socket refused = await ConnectAsync(listener.EndPoint);
            Assert.Equal(0, await refused.ReceiveAsync(new byte[1]).WithinLimit());
        }

        using Socket good = await ConnectAsync(listener.EndPoint);
        await TimeLimit.Until(() => !admitted.IsEmpty, "a connection is admitted");
        Assert.Equal(["number 1", "number 2", "number 3"], _faults.Select(f => f.Message));

        await stop.CancelAsync();
        listener.Dispose();
        await loop.WithinLimit();
        Assert.Equal(0, operations.Count.InUse);
        Assert.Equal(bad, _faults.Count);
        foreach (Socket socket in admitted) socket.Dispose();

        void Admit(Socket socket, bool hasDescriptors)
        {
            Assert.True(hasDescriptors);
            if (++seen > bad) admitted.Enqueue(socket);
            else throw seen == 2 ? new InsufficientMemoryException($"number {seen}") : new InvalidOperationException($"number {seen}");
        }
    }

    [Fact]
    public async Task A_connection_that_finds_no_second_args_gives_the_first_ones_back()
    {
        using SocketPair pair = await SocketPair.CreateAsync();
        var operations = new SocketOperationPool(connections: 1, preallocated: 0);
        SendOperation last = operations.Send.Rent();
        Assert.Throws<InvalidOperationException>(
            () => new SocketConnection(1, pair.Near, operations, new ConnectionServices(new BufferPool(0)), state: null));
        Assert.Equal((0, 1), (operations.Receive.Count.InUse, operations.Send.Count.InUse));
        operations.Send.Return(last);
    }

    // Reporting may fail, too.
    void IConnectionObserver.OnEngineFault(Exception fault)
    {
        _faults.Enqueue(fault);
        throw new NotSupportedException("deliberate");
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint).WithinLimit();
        return socket;
    }
}
