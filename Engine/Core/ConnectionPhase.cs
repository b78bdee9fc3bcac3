namespace RawEcho.Engine;

/// <summary>
/// Where a connection stands in its life. It moves on in the order of the members; only <see cref="Open"/> may come twice.
/// </summary>
public enum ConnectionPhase
{
    /// <summary>TCP is connected; no handler has the connection yet.</summary>
    Accepted = 0,

    /// <summary>A TLS handshake is under way.</summary>
    Handshaking,

    /// <summary>
    /// The handler exchanges application data. A handler that begins without TLS may go back to <see cref="Handshaking"/> once, when it
    /// hands the connection to TLS.
    /// </summary>
    Open,

    /// <summary>The handler is done: close_notify, FIN and the wait for the peer's are under way.</summary>
    Closing,

    /// <summary>Everything that the connection held has been given back.</summary>
    Closed,
}
