using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

public sealed class ContainedObserverTests
{
    private static readonly ConnectionLifetime Connection = new(1, null, null, new BufferPool(0));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_throws_is_counted_and_told_once(bool throwsWhenTold)
    {
        var inner = new Throwing(throwsWhenTold);
        var observer = new ContainedObserver(inner);
        observer.OnClosed(Connection);
        observer.OnRefused(null, CloseReason.Refused);
        observer.OnAcceptFailed(new IPEndPoint(IPAddress.Loopback, 1), SocketError.TooManyOpenSockets, TimeSpan.Zero);
        observer.OnHandlerFault(Connection, new IOException());
        observer.OnEngineFault(new IOException());
        Assert.Equal(["OnClosed", "OnRefused", "OnAcceptFailed", "OnHandlerFault", "OnEngineFault"], inner.Told);
        Assert.Equal(throwsWhenTold ? 10 : 5, observer.Faults);
    }

    private sealed class Throwing(bool throwsWhenTold) : IConnectionObserver
    {
        public List<string> Told { get; } = [];

        public void OnClosed(ConnectionLifetime connection) => throw new NotSupportedException(nameof(OnClosed));

        public void OnRefused(EndPoint? remote, CloseReason reason) => throw new OperationCanceledException(nameof(OnRefused));

        public void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter) =>
            throw new NotSupportedException(nameof(OnAcceptFailed));

        public void OnHandlerFault(ConnectionLifetime connection, Exception fault) =>
            throw new NotSupportedException(nameof(OnHandlerFault));

        public void OnEngineFault(Exception fault) => throw new NotSupportedException(nameof(OnEngineFault));

        public void OnObserverFault(Exception fault)
        {
            Told.Add(fault.Message);
            if (throwsWhenTold) throw new NotSupportedException("again");
        }
    }
}
