using RawEcho.Engine.Buffers;

namespace RawEcho.Engine;

/// <summary>
/// What a host provides to all of its connections of one direction. One object, so that a connection holds one reference.
/// </summary>
/// <param name="Buffers">Where buffers are rented from.</param>
internal sealed record ConnectionServices(BufferPool Buffers)
{
    /// <summary>Where messages get their memory from.</summary>
    public MessagePool Messages { get => field ??= new MessagePool(MessageOptions.BlockBytes, MessageOptions.MaxPooledBytes); init; }

    /// <summary>How messages are bounded.</summary>
    public MessageOptions MessageOptions { get; init; } = MessageOptions.Default;

    /// <summary>How long close_notify, FIN and the wait for the peer's may take.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What bounds a handshake besides its deadline; null for nothing.</summary>
    public HandshakeLimits? HandshakeLimits { get; init; }

    /// <summary>True for connections that the peer opened.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>Is told of phases; null for nobody.</summary>
    public IPhaseObserver? Phases { get; init; }

    /// <summary>All connections of the host; null for a connection without one.</summary>
    public IOpenConnections? Open { get; init; }
}
