using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// An observer that never throws, whatever those behind it do: what one of them throws is counted, told to it once, and kept from the
/// others.
/// </summary>
/// <param name="observers">Those behind it.</param>
internal sealed class ContainedObserver(params IReadOnlyList<IConnectionObserver> observers) : IConnectionObserver
{
    // Interlocked throughout: an observer is called on many threads. Nothing else is ordered by this count.
    private long _faults;

    private readonly IConnectionObserver[] _observers = [.. observers];

    /// <summary>Exceptions contained so far.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    public void OnClosed(ConnectionLifetime connection) => Call(static (o, c) => o.OnClosed(c), connection);

    public void OnRefused(EndPoint? remote, CloseReason reason) => Call(static (o, r) => o.OnRefused(r.remote, r.reason), (remote, reason));

    public void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter) =>
        Call(static (o, f) => o.OnAcceptFailed(f.listener, f.cause, f.retryAfter), (listener, cause, retryAfter));

    public void OnHandlerFault(ConnectionLifetime connection, Exception fault) =>
        Call(static (o, f) => o.OnHandlerFault(f.connection, f.fault), (connection, fault));

    public void OnEngineFault(Exception fault) => Call(static (o, f) => o.OnEngineFault(f), fault);

    /// <summary>One that they watch and that is none of them threw.</summary>
    public void OnObserverFault(Exception fault)
    {
        foreach (IConnectionObserver observer in _observers) Contain(observer, fault);
    }

    private void Contain(IConnectionObserver observer, Exception fault)
    {
        Interlocked.Increment(ref _faults);
        try
        {
            observer.OnObserverFault(fault);
        }
        catch (Exception)
        {
            // Nobody is left to tell; the count says that it happened.
            Interlocked.Increment(ref _faults);
        }
    }

    private void Call<T>(Action<IConnectionObserver, T> method, T argument)
    {
        foreach (IConnectionObserver observer in _observers)
        {
            try
            {
                method(observer, argument);
            }
            catch (Exception e)
            {
                Contain(observer, e);
            }
        }
    }
}
