using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Counts open connections by the address they come from. A site has a whole /64 of IPv6 addresses (RFC 6177), so those of
/// one /64 count as one; an IPv4 address mapped into IPv6 counts as itself. Not thread-safe: <see cref="ConnectionTable"/> has the lock.
/// </summary>
/// <param name="max">Connections from one address, count; 0 for no bound.</param>
internal sealed class AddressCounts(int max)
{
    private readonly Dictionary<(AddressFamily Family, ulong Address), int> _counts = [];

    /// <summary>Addresses that have connections open.</summary>
    public int Addresses => _counts.Count;

    /// <summary>Counts one more.</summary>
    /// <returns>False when there are as many as may be: nothing was counted.</returns>
    public bool TryAdd(EndPoint? remote)
    {
        if (max == 0 || remote is not IPEndPoint { Address: var address }) return true;
        (AddressFamily, ulong) key = KeyOf(address);
        int count = _counts.GetValueOrDefault(key);
        if (count >= max) return false;
        _counts[key] = count + 1;
        return true;
    }

    /// <summary>Counts one less, after a <see cref="TryAdd"/> that was true.</summary>
    public void Remove(EndPoint? remote)
    {
        if (max == 0 || remote is not IPEndPoint { Address: var address }) return;
        (AddressFamily, ulong) key = KeyOf(address);
        int count = _counts[key];
        if (count == 1) _counts.Remove(key);
        else _counts[key] = count - 1;
    }

    private static (AddressFamily Family, ulong Address) KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        return (address.AddressFamily, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
