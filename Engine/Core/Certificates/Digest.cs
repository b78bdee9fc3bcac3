using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>32 bytes to compare and look up by: SHA-256, or a serial number itself.</summary>
internal readonly record struct Digest(UInt128 High, UInt128 Low)
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
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // DER carries its own length: no two pairs have the same bytes.
        hash.AppendData(authority.SubjectName.RawData);
        hash.AppendData(authority.PublicKey.ExportSubjectPublicKeyInfo());
        return FromBytes(hash.GetHashAndReset());
    }

    /// <summary>A serial number (RFC 5280 section 4.1.2.2): its bytes, without the zeros that some encoders put before them.</summary>
    public static Digest OfSerial(ReadOnlySpan<byte> bigEndian)
    {
        ReadOnlySpan<byte> significant = bigEndian.TrimStart((byte)0);
        if (significant.Length >= Size) return Of(significant);
        Span<byte> padded = stackalloc byte[Size];
        padded.Clear();
        significant.CopyTo(padded[^significant.Length..]);
        return FromBytes(padded);
    }

    private static Digest FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
}
