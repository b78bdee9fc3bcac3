using System.Collections.Concurrent;
using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Keeps how connections ended.</summary>
internal sealed class EndingRecorder : IConnectionObserver
{
    public ConcurrentQueue<ConnectionLifetime> Closed { get; } = new();

    public IEnumerable<CloseReason> Reasons => Closed.Select(c => c.End.Reason);

    public void OnClosed(ConnectionLifetime connection) => Closed.Enqueue(connection);
}
