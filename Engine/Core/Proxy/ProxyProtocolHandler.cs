using System.Buffers;
using System.Diagnostics;
using System.Net;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Proxy;

/// <summary>
/// Reads the header of the PROXY protocol in front of another handler, of TLS mostly: from then on <see cref="Connection.RemoteEndPoint"/>
/// and <see cref="Connection.LocalEndPoint"/> are those of the client's own connection, limits per address count by them, and
/// <see cref="Connection.Proxy"/> has all that the proxy said. Made once, serves any number of connections.
/// </summary>
public sealed class ProxyProtocolHandler : IConnectionHandler, IPreambleHandler
{
    // Whoever begins with so many bytes of a header means one.
    private const int ClearlyHeader = 6;

    private readonly IConnectionHandler _next;
    private readonly ProxyProtocolOptions _options;
    private readonly int _bufferBytes;

    /// <param name="next">Serves the connection when the header has come.</param>
    /// <param name="options">Who may send a header, and whether he must.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    public ProxyProtocolHandler(IConnectionHandler next, ProxyProtocolOptions options)
    {
        (_next, _options) = (next, options.Validated());
        // Room for any header that is allowed: one that is incomplete can always go on.
        _bufferBytes = Math.Max(BufferPool.SmallBlock, options.MaxBytes);
    }

    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        lifetime.SetDeadline(_options.Timeout, CloseReason.ProxyHeaderTimeout);
        bool goesOn = await TryBeginAsync(connection);
        lifetime.ClearDeadline();
        if (!goesOn || lifetime.End.Reason != CloseReason.None) return;
        lifetime.Advance(ConnectionPhase.Open);
        await _next.HandleAsync(connection);
    }

    /// <inheritdoc/>
    bool IPreambleHandler.TellsAddress(EndPoint? remote) => _options.IsProxy(remote);

    private async ValueTask<bool> TryBeginAsync(Connection connection)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        bool isProxy = _options.IsProxy(connection.RemoteEndPoint);
        if (!isProxy && _options.IsRequired)
            return Refuse(connection, $"{connection.RemoteEndPoint} is no proxy, and only proxies may connect.");
        // Nothing is rented while a peer is silent.
        int waited = await connection.Stream.ReadAsync(Memory<byte>.Empty);
        Debug.Assert(waited == 0, "A wait reads nothing.");
        using IMemoryOwner<byte> buffer = connection.RentBuffer(_bufferBytes);
        int count = 0;
        while (true)
        {
            int read = await connection.Stream.ReadAsync(buffer.Memory[count..]);
            if (read == 0) return EndEarly(connection, count);
            count += read;
            ReadOnlyMemory<byte> data = buffer.Memory[..count];
            if (!isProxy) return TryPass(connection, data);
            ProxyParse parse =
                ProxyHeaderParser.Parse(data.Span, _options.MaxBytes, out ProxyHeader? header, out int length, out string problem);
            switch (parse)
            {
                case ProxyParse.Complete:
                    lifetime.HandshakeBytes += length;
                    return header!.IsLocal && _options.TrustClientName
                        ? await EndCheckAsync(connection, data[length..])
                        : TryAccept(connection, header, data[length..]);
                case ProxyParse.Absent when _options.IsRequired:
                    return Refuse(connection, "It began without a PROXY header.");
                case ProxyParse.Absent:
                    connection.Unread(data.ToArray());
                    return TryCount(connection);
                case ProxyParse.Invalid:
                    return Refuse(connection, $"Its PROXY header is bad: {problem}.");
                case ProxyParse.Incomplete:
                    break;
            }
        }
    }

    // A stranger's first bytes are looked at too: a header of his is refused for what it is, and not as a bad handshake.
    private bool TryPass(Connection connection, ReadOnlyMemory<byte> data)
    {
        if (LooksLikeHeader(data.Span)) return Refuse(connection, $"{connection.RemoteEndPoint} is no proxy, and sent a PROXY header.");
        connection.Unread(data.ToArray());
        return true;
    }

    private bool TryAccept(Connection connection, ProxyHeader header, ReadOnlyMemory<byte> rest)
    {
        if (LooksLikeHeader(rest.Span)) return Refuse(connection, "It sent two PROXY headers.");
        connection.Lifetime.SetProxy(header);
        if (!rest.IsEmpty) connection.Unread(rest.ToArray());
        (IPEndPoint? source, IPEndPoint? destination) = (header.Source as IPEndPoint, header.Destination as IPEndPoint);
        bool hasAddresses = source is not null && destination is not null;
        if (hasAddresses) connection.Lifetime.SetAddresses(destination!, source!);
        if (_options.TrustClientName && !TryName(connection, header)) return false;
        // Of a health check, and of a client that the proxy does not know, there is no address to count by.
        return !hasAddresses || TryCount(connection);
    }

    private static bool TryName(Connection connection, ProxyHeader header)
    {
        if (ProxyIdentity.Problem(header) is { } problem)
        {
            connection.Abort(CloseReason.ProxyIdentityMissing, problem);
            return false;
        }

        connection.Lifetime.ProxyClientName = header.Tls!.CommonName;
        return true;
    }

    // A health check is no client, and needs no name as long as it says nothing.
    private async ValueTask<bool> EndCheckAsync(Connection connection, ReadOnlyMemory<byte> rest)
    {
        connection.Lifetime.SetDeadline(_options.Timeout, CloseReason.ProxyIdentityMissing);
        bool says = !rest.IsEmpty;
        if (!says)
        {
            byte[] next = new byte[1];
            says = await connection.Stream.ReadAsync(next) > 0;
        }

        if (!says) return EndEarly(connection, 0);
        connection.Abort(CloseReason.ProxyIdentityMissing, "The proxy speaks for itself (LOCAL), and for no client.");
        return false;
    }

    private bool LooksLikeHeader(ReadOnlySpan<byte> data) =>
        data.Length >= ClearlyHeader
            && ProxyHeaderParser.Parse(data, _options.MaxBytes, out _, out _, out _) != ProxyParse.Absent;

    private static bool TryCount(Connection connection)
    {
        if (connection.Lifetime.Services.Open?.TryCountAddress(connection) ?? true) return true;
        connection.Abort(CloseReason.RefusedAddress, "As many are open from its address as may be.");
        return false;
    }

    private static bool Refuse(Connection connection, string problem)
    {
        connection.Abort(CloseReason.ProxyHeaderInvalid, problem);
        return false;
    }

    // Of a health check nothing is expected.
    private static bool EndEarly(Connection connection, int count)
    {
        CloseReason end = connection.TransportEnd;
        bool byPeer = end is CloseReason.PeerClosed or CloseReason.PeerReset;
        if (byPeer && count == 0) connection.Lifetime.TryEnd(CloseReason.EndedBeforeFirstByte, null);
        else if (byPeer) connection.Lifetime.TryEnd(CloseReason.ProxyHeaderInvalid, $"It ended after {count} bytes of a PROXY header.");
        else connection.Lifetime.TryEnd(end, null);
        return false;
    }
}
