using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// The serial numbers of a revocation list, sorted: lists have hundreds of thousands of them, and a hash table would take twice the memory
/// for a lookup that is asked once in a handshake.
/// </summary>
internal sealed class RevokedSerials
{
    private readonly Digest[] _sorted;

    private RevokedSerials(Digest[] sorted) => _sorted = sorted;

    /// <summary>Of a list that names nobody.</summary>
    public static RevokedSerials None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>True when the list names this one.</summary>
    public bool Contains(Digest serial) => Array.BinarySearch(_sorted, serial) >= 0;

    /// <summary>Reads revokedCertificates (RFC 5280 section 5.1.2.6).</summary>
    /// <param name="entries">What stands in the sequence, one entry after the other.</param>
    /// <exception cref="RevocationListException">An entry has an extension that is not relied on.</exception>
    /// <exception cref="AsnContentException">It cannot be read.</exception>
    public static RevokedSerials Read(ReadOnlySpan<byte> entries)
    {
        var serials = new Digest[CountValues(entries)];
        for (int i = 0; i < serials.Length; i++)
        {
            serials[i] = ReadEntry(DerSpan.ReadSequence(ref entries));
        }

        Array.Sort(serials);
        int distinct = 0;
        for (int i = 0; i < serials.Length; i++)
        {
            if (i == 0 || serials[i] != serials[i - 1]) serials[distinct++] = serials[i];
        }

        Array.Resize(ref serials, distinct);
        return new RevokedSerials(serials);
    }

    private static int CountValues(ReadOnlySpan<byte> values)
    {
        int count = 0;
        for (; !values.IsEmpty; count++) DerSpan.Skip(ref values);
        return count;
    }

    private static Digest ReadEntry(ReadOnlySpan<byte> entry)
    {
        Digest serial = Digest.OfSerial(AsnDecoder.ReadIntegerBytes(entry, AsnEncodingRules.DER, out int length));
        entry = entry[length..];
        DerSpan.ReadTime(ref entry);
        if (!entry.IsEmpty) RevocationListExtensions.ReadOfEntry(DerSpan.ReadSequence(ref entry));
        return entry.IsEmpty ? serial : throw new AsnContentException();
    }
}
