using System.Net;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// The right to have one connection, and its entry in the <see cref="ConnectionTable"/>. Taken before anything else is done for the
/// connection; disposing it gives back its place, its address's count and its entry in one step.
/// </summary>
/// <param name="table">Where it was taken.</param>
/// <param name="id">Number of the connection, from 1, unique within its host.</param>
/// <param name="peer">The address that the peer counts by; null for a connection that this side opens.</param>
internal sealed class ConnectionLease(ConnectionTable table, long id, EndPoint? peer) : IDisposable
{
    // Written by the table under its lock, read by those who walk through it without: they see a connection that is complete, or none.
    private volatile SocketConnection? _connection;
    private int _disposed;

    /// <summary>Number of the connection, from 1, unique within its host.</summary>
    public long Id => id;

    /// <summary>
    /// The address that the peer counts by; null for a connection that this side opens, when the peer had gone, and until a proxy has told
    /// where it comes from. Set by the table, under its lock.
    /// </summary>
    public EndPoint? Peer { get; set; } = peer;

    /// <summary>The connection; null until there is one. Set by the table.</summary>
    public SocketConnection? Connection
    {
        get => _connection;
        set => _connection = value;
    }

    /// <summary>Gives everything back. A second call does nothing.</summary>
    public void Dispose()
    {
        // Pairs with itself: of several calls one releases. Twice would free the place of another connection.
        if (Interlocked.Exchange(ref _disposed, 1) == 0) table.Release(this);
    }
}
