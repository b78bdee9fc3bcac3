using System.Net;

namespace RawEcho.Engine.Proxy;

/// <summary>How a server takes the PROXY protocol.</summary>
public sealed record ProxyProtocolOptions
{
    /// <summary>
    /// The addresses of the proxies. A header that comes from anywhere else ends its connection: whoever may send one can say that he
    /// comes from anywhere.
    /// </summary>
    public required IReadOnlyList<IPNetwork> Proxies { get; init; }

    /// <summary>
    /// True (default): only proxies may connect, and each connection begins with a header. False: a header may be missing, and then the
    /// addresses are those of TCP; clients may connect without a proxy.
    /// </summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>
    /// True: who the client is, is what the proxy says (<see cref="Connection.ProxyClientName"/>), for proxies that end TLS and verify the
    /// client's certificate. A connection whose proxy does not name a client with a verified certificate ends with
    /// <see cref="CloseReason.ProxyIdentityMissing"/>. Whoever passes for a proxy can then claim any name: require TLS with a client
    /// certificate behind the header, and admit the certificates of the proxies alone (<see cref="Tls.PeerAdmission"/>). Needs
    /// <see cref="IsRequired"/>. False if not set: what the proxy says of the client is shown and counts for nothing.
    /// </summary>
    public bool TrustClientName { get; init; }

    /// <summary>The longest header that is read, from 232 to 65,551 bytes: 4,096 if not set.</summary>
    public int MaxBytes { get; init; } = 4096;

    /// <summary>
    /// How long the header may take from the accept on, and where it is optional the first bytes of any connection;
    /// Timeout.InfiniteTimeSpan for no limit. 5 s if not set.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a proxy connects from an address.</summary>
    internal bool IsProxy(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address }) return false;
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (IPNetwork proxies in Proxies)
        {
            if (proxies.Contains(plain)) return true;
        }

        return false;
    }

    /// <exception cref="EngineOptionException">A value that cannot be.</exception>
    internal ProxyProtocolOptions Validated()
    {
        // An address family of UNIX, without any value.
        const int least = ProxyHeaderParser.BinaryPrefixBytes + (2 * ProxyHeaderParser.UnixPathBytes);
        const int most = ProxyHeaderParser.BinaryPrefixBytes + ushort.MaxValue;
        if (Proxies.Count == 0) throw new EngineOptionException(nameof(Proxies), "names no proxy: then nobody could connect");
        if (TrustClientName && !IsRequired)
            throw new EngineOptionException(nameof(TrustClientName), "needs IsRequired: whoever connects without a proxy has no name");
        if (MaxBytes is < least or > most) throw new EngineOptionException(nameof(MaxBytes), $"is {MaxBytes}, not from {least} to {most}");
        if (Timeout <= TimeSpan.Zero && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
            throw new EngineOptionException(nameof(Timeout), $"is {Timeout}, which is no time");
        return this;
    }
}
