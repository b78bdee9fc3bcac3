using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>How <see cref="EngineClient"/> opens one connection, where that differs from the client's own options.</summary>
public sealed record ConnectOptions
{
    /// <summary>
    /// TLS for this connection in place of what the client was made with; null (the default) for the client's own. Connections that are
    /// opened with the same object resume each other's sessions; each object costs memory for as long as the client lives.
    /// </summary>
    public TlsClientOptions? Tls { get; init; }

    /// <summary>The local address to connect from, by the family of the server's address; null for what the system chooses.</summary>
    public Func<AddressFamily, IPAddress?>? Source { get; init; }

    /// <summary>
    /// Is told what came of each address of the server, once one has answered or all have failed: before the handshake begins, or before
    /// <see cref="ConnectException"/> is thrown. Null (the default) for nobody.
    /// </summary>
    public Action<IReadOnlyList<AddressAttempt>>? OnDialed { get; init; }

    /// <summary>
    /// Is called with the connection below TLS before the handshake begins, for protocols that begin in the clear (STARTTLS); false gives
    /// the connection up, in order. It sets itself a limit (<see cref="Connection.LimitTime"/>), and must take no byte of the handshake.
    /// Null (the default) to begin with the handshake.
    /// </summary>
    public Func<Connection, Task<bool>>? BeforeTls { get; init; }

    /// <summary>Is told what goes over the wire during the handshake; null for nobody.</summary>
    public IHandshakeTrace? Trace { get; init; }

    /// <summary>What is found in <see cref="Connection.State"/> once the handshake is complete; null for nothing.</summary>
    public object? State { get; init; }
}
