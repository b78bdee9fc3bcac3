using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// Reads the extensions of a revocation list and of its entries. A critical one that is not understood may turn the meaning of the rest
/// around (RFC 5280 section 5.2), and so the list is not relied on.
/// </summary>
internal static class RevocationListExtensions
{
    // The last number of 2.5.29.x (id-ce).
    private const byte IssuerAlternativeName = 18, ListNumber = 20, Reason = 21, InvalidityDate = 24, DeltaIndicator = 27,
        IssuingDistributionPoint = 28, CertificateIssuer = 29, AuthorityKeyIdentifier = 35, FreshestList = 46;

    /// <summary>Reads those of a list.</summary>
    /// <returns>The value of the issuing distribution point; null where there is none.</returns>
    /// <exception cref="RevocationListException">One says that the list is not to be relied on.</exception>
    /// <exception cref="AsnContentException">They cannot be read.</exception>
    public static byte[]? ReadOfList(ReadOnlySpan<byte> extensions)
    {
        byte[]? scope = null;
        while (!extensions.IsEmpty)
        {
            int number = ReadOne(DerSpan.ReadSequence(ref extensions), out ReadOnlySpan<byte> value);
            if (number != IssuingDistributionPoint) continue;
            if (scope is not null) throw new AsnContentException();
            scope = value.ToArray();
        }

        return scope;
    }

    /// <summary>Reads those of an entry.</summary>
    /// <exception cref="RevocationListException">One says that the list is not to be relied on.</exception>
    /// <exception cref="AsnContentException">They cannot be read.</exception>
    public static void ReadOfEntry(ReadOnlySpan<byte> extensions)
    {
        while (!extensions.IsEmpty)
        {
            // It is for the whole list, or for nobody.
            if (ReadOne(DerSpan.ReadSequence(ref extensions), out _) == IssuingDistributionPoint) throw new AsnContentException();
        }
    }

    private static int ReadOne(ReadOnlySpan<byte> extension, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> identifier = extension;
        DerSpan.Skip(ref extension);
        bool critical = false;
        if (!extension.IsEmpty && Asn1Tag.Decode(extension, out _) == Asn1Tag.Boolean)
        {
            critical = AsnDecoder.ReadBoolean(extension, AsnEncodingRules.DER, out int length);
            extension = extension[length..];
        }

        value = DerSpan.ReadOctets(ref extension);
        if (!extension.IsEmpty) throw new AsnContentException();
        int number = identifier is [6, 3, 0x55, 0x1D, byte last, ..] ? last : -1;
        switch (number)
        {
            case DeltaIndicator:
                throw new RevocationListException(RevocationListProblem.Delta);
            case CertificateIssuer:
                throw new RevocationListException(RevocationListProblem.Indirect);
            case IssuingDistributionPoint or AuthorityKeyIdentifier or ListNumber or IssuerAlternativeName or FreshestList:
            case Reason or InvalidityDate:
                return number;
            default:
                string oid = AsnDecoder.ReadObjectIdentifier(identifier, AsnEncodingRules.DER, out _);
                return critical ? throw new RevocationListException(RevocationListProblem.UnknownExtension) { Extension = oid } : number;
        }
    }
}
