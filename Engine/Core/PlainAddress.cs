using System.Net;

namespace RawEcho.Engine;

/// <summary>The addresses of connections to a socket that takes IPv4 and IPv6, as people and limits know them.</summary>
internal static class PlainAddress
{
    /// <summary>An IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2) as that of IPv4; any other as it is.</summary>
    public static EndPoint? Of(EndPoint? endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
        : endPoint;
}
