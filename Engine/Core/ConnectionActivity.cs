namespace RawEcho.Engine;

/// <summary>
/// Whether something of a connection is in hand, as its handler says it: busy from the first byte after
/// <see cref="Connection.WaitForNextMessageAsync"/> to the next call of it, and inside of each <see cref="BusyScope"/>. A stop leaves a busy
/// connection alone until its time is over. About a handler that never says anything nothing is known here.
/// </summary>
internal sealed class ConnectionActivity
{
    private volatile bool _isInMessage;
    private int _scopes;

    /// <summary>True once the handler has called <see cref="Connection.WaitForNextMessageAsync"/>: from then on it says when it is idle.</summary>
    public bool IsSaid { get; private set; }

    /// <summary>True while something is in hand.</summary>
    public bool IsBusy => _isInMessage || Volatile.Read(ref _scopes) > 0;

    /// <summary>Is called when the last scope is over, on the thread that ended it; null for nobody.</summary>
    public Action? OnIdle { get; set; }

    public void EndMessage()
    {
        IsSaid = true;
        _isInMessage = false;
    }

    public void BeginMessage() => _isInMessage = true;

    public void Enter() => Interlocked.Increment(ref _scopes);

    public void Leave()
    {
        // A stop that came meanwhile has looked in vain.
        if (Interlocked.Decrement(ref _scopes) == 0 && !IsBusy) OnIdle?.Invoke();
    }
}
