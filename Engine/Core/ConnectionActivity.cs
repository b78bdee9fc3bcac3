namespace RawEcho.Engine;

/// <summary>
/// Whether a connection is busy, as its handler says it: busy from the first byte after
/// <see cref="Connection.WaitForNextMessageAsync"/> to the next call of it, and inside of each <see cref="BusyScope"/>. A stop leaves a
/// busy connection alone until its time is over. About a handler that never says anything nothing is known here.
/// </summary>
internal sealed class ConnectionActivity
{
    // Written by the connection's own flow, read by a stop (SocketStream.BeginDrain, TryEnd). Being volatile it orders, and does not
    // fence: the fence that a stop relies on comes after it, in ReceiveOperation.OnStarting.
    private volatile bool _isInMessage;
    private int _scopes;

    /// <summary>
    /// True once the handler has called <see cref="Connection.WaitForNextMessageAsync"/>: from then on it says when it is idle.
    /// </summary>
    public bool IsSaid { get; private set; }

    /// <summary>True while the connection is busy.</summary>
    // The read pairs with the increment and the decrement of other threads.
    public bool IsBusy => _isInMessage || Volatile.Read(ref _scopes) > 0;

    /// <summary>Is called when the last scope is over, on the thread that ended it; null for nobody.</summary>
    public Action? OnIdle { get; set; }

    public void EndMessage()
    {
        IsSaid = true;
        _isInMessage = false;
    }

    public void BeginMessage() => _isInMessage = true;

    // Atomic, because scopes begin and end on any thread: a count that was lost would keep the connection busy, or idle, for ever.
    public void Enter() => Interlocked.Increment(ref _scopes);

    public void Leave()
    {
        // A stop that came meanwhile has looked in vain. The decrement is a full fence and pairs with the one in
        // SocketStream.BeginDrain: here the scope ends first and OnIdle looks then whether a stop was asked for, there the other way
        // round. One of the two sees the other.
        if (Interlocked.Decrement(ref _scopes) == 0 && !IsBusy) OnIdle?.Invoke();
    }
}
