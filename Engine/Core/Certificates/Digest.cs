using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CommunityToolkit.HighPerformance.Buffers;

namespace RawEcho.Engine.Certificates;

/// <summary>32 bytes to compare and look up by: SHA-256, or a serial number itself.</summary>
internal readonly record struct Digest(UInt128 High, UInt128 Low) : IComparable<Digest>
{
    private const int Size = 32;

    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(data, hash);
        return FromBytes(hash);
    }

    /// <summary>
    /// A CA, by name and key together: two CAs of one name are two, and a CA that was renewed with its key is the same.
    /// </summary>
    public static Digest OfAuthority(X509Certificate2 authority)
    {
        // DER carries its own length: no two pairs have the same bytes.
        byte[] name = DistinguishedName.Canonical(authority.SubjectName.RawData), key = authority.PublicKey.ExportSubjectPublicKeyInfo();
        using SpanOwner<byte> both = SpanOwner<byte>.Allocate(name.Length + key.Length);
        name.CopyTo(both.Span);
        key.CopyTo(both.Span[name.Length..]);
        return Of(both.Span);
    }

    /// <summary>All that a peer showed, in its order.</summary>
    public static Digest OfChain(X509Certificate2 certificate, X509Certificate2Collection sent, int bytes)
    {
        // DER carries its own length: no two chains have the same bytes.
        using SpanOwner<byte> all = SpanOwner<byte>.Allocate(bytes);
        certificate.RawDataMemory.Span.CopyTo(all.Span);
        Span<byte> rest = all.Span[certificate.RawDataMemory.Length..];
        foreach (X509Certificate2 c in sent)
        {
            c.RawDataMemory.Span.CopyTo(rest);
            rest = rest[c.RawDataMemory.Length..];
        }

        return Of(all.Span);
    }

    /// <summary>
    /// A serial number (RFC 5280 section 4.1.2.2) as the number that it is: 00FB is 251 and FB is -5, and zeros that some encoders put
    /// before it do not count.
    /// </summary>
    /// <param name="bigEndian">In two's complement, as an INTEGER of ASN.1 has it.</param>
    public static Digest OfSerial(ReadOnlySpan<byte> bigEndian)
    {
        byte sign = bigEndian is [>= 0x80, ..] ? byte.MaxValue : byte.MinValue;
        ReadOnlySpan<byte> significant = bigEndian.TrimStart(sign);
        if (significant.Length >= Size)
        {
            // In the shortest form the first bit is the sign, if that takes a byte of its own.
            bool needsSign = ((significant[0] ^ sign) & 0x80) != 0;
            return Of(needsSign ? bigEndian[^(significant.Length + 1)..] : significant);
        }

        Span<byte> padded = stackalloc byte[Size];
        padded.Fill(sign);
        significant.CopyTo(padded[^significant.Length..]);
        return FromBytes(padded);
    }

    /// <summary>An order to search in; it means nothing.</summary>
    public int CompareTo(Digest other)
    {
        int high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    private static Digest FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
}
