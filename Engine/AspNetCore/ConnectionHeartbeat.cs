using Microsoft.AspNetCore.Connections.Features;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Kestrel's heartbeat of one connection, which goes on while the server stops. Kestrel stops its own before it drains, and without one it
/// does not notice that the last request of an HTTP/2 connection is answered: a client that stays after GOAWAY would keep the stop waiting
/// until its time is over.
/// </summary>
/// <param name="kestrel">The heartbeat until then.</param>
internal sealed class ConnectionHeartbeat(IConnectionHeartbeatFeature kestrel) : IConnectionHeartbeatFeature
{
    private readonly Lock _lock = new();
    private readonly List<(Action<object> Action, object State)> _callbacks = new(capacity: 1);

    public void OnHeartbeat(Action<object> action, object state)
    {
        lock (_lock) _callbacks.Add((action, state));
        kestrel.OnHeartbeat(action, state);
    }

    /// <summary>Calls what was registered.</summary>
    public void Tick()
    {
        (Action<object> Action, object State)[] callbacks;
        lock (_lock) callbacks = [.. _callbacks];
        foreach ((Action<object> action, object state) in callbacks) action(state);
    }
}
