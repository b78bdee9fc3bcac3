using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// A certificate revocation list as its bytes say (RFC 5280 section 5); nobody has looked at its signature yet. Complete, direct
/// lists alone: what covers a part of a CA's certificates (delta, indirect, limited in scope) would leave a gap that nobody sees.
/// </summary>
internal sealed class RevocationList
{
    private const string IssuingDistributionPoint = "2.5.29.28";
    private const string DeltaIndicator = "2.5.29.27";
    private const string CertificateIssuer = "2.5.29.29";

    // Authority key identifier, CRL number, issuer alternative name, freshest CRL; reason and invalidity date of an entry.
    private static readonly FrozenSet<string> Understood =
        FrozenSet.ToFrozenSet(["2.5.29.35", "2.5.29.20", "2.5.29.18", "2.5.29.46", "2.5.29.21", "2.5.29.24"]);

    private RevocationList(
        ReadOnlyMemory<byte> tbs, ReadOnlyMemory<byte> issuer, ReadOnlyMemory<byte> algorithm, ReadOnlyMemory<byte> signature) =>
        (SignedBytes, IssuerName, Algorithm, Signature) = (tbs, issuer, algorithm, signature);

    /// <summary>What the signature is over.</summary>
    public ReadOnlyMemory<byte> SignedBytes { get; }

    /// <summary>The issuer's distinguished name in DER.</summary>
    public ReadOnlyMemory<byte> IssuerName { get; }

    /// <summary>AlgorithmIdentifier of the signature in DER.</summary>
    public ReadOnlyMemory<byte> Algorithm { get; }

    /// <summary>The signature.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>From when on it says the truth.</summary>
    public DateTimeOffset ThisUpdate { get; private init; }

    /// <summary>When the next one is due at the latest.</summary>
    public DateTimeOffset NextUpdate { get; private init; }

    /// <summary>The serial numbers on it.</summary>
    public FrozenSet<Digest> Serials { get; private init; } = FrozenSet<Digest>.Empty;

    /// <summary>Reads the DER form.</summary>
    /// <exception cref="RevocationListException">It is none, or one of a kind that is not relied on.</exception>
    public static RevocationList Parse(ReadOnlyMemory<byte> der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader list = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            ReadOnlyMemory<byte> tbs = list.ReadEncodedValue();
            ReadOnlyMemory<byte> algorithm = list.ReadEncodedValue();
            byte[] signature = list.ReadBitString(out int unused);
            list.ThrowIfNotEmpty();
            if (unused != 0) throw new RevocationListException(RevocationListProblem.UnevenSignature);
            return ParseSigned(tbs, algorithm, signature);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException or OverflowException)
        {
            throw new RevocationListException(RevocationListProblem.Damaged, e);
        }
    }

    private static RevocationList ParseSigned(ReadOnlyMemory<byte> tbs, ReadOnlyMemory<byte> algorithm, byte[] signature)
    {
        var outer = new AsnReader(tbs, AsnEncodingRules.DER);
        AsnReader fields = outer.ReadSequence();
        bool hasVersion = fields.PeekTag() == Asn1Tag.Integer;
        if (hasVersion && (!fields.TryReadInt32(out int version) || version != 1))
            throw new RevocationListException(RevocationListProblem.UnknownVersion);
        if (!fields.ReadEncodedValue().Span.SequenceEqual(algorithm.Span))
            throw new RevocationListException(RevocationListProblem.TwoAlgorithms);
        ReadOnlyMemory<byte> issuer = fields.ReadEncodedValue();
        DateTimeOffset thisUpdate = ReadTime(fields);
        if (!fields.HasData || !IsTime(fields.PeekTag())) throw new RevocationListException(RevocationListProblem.NoNextUpdate);
        DateTimeOffset nextUpdate = ReadTime(fields);
        bool hasEntries = fields.HasData && fields.PeekTag() == Asn1Tag.Sequence;
        FrozenSet<Digest> serials = hasEntries ? ReadEntries(fields.ReadSequence()) : FrozenSet<Digest>.Empty;
        if (fields.HasData) ReadExtensions(fields.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence());
        fields.ThrowIfNotEmpty();
        return new RevocationList(tbs, issuer, algorithm, signature)
        {
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Serials = serials,
        };
    }

    private static FrozenSet<Digest> ReadEntries(AsnReader entries)
    {
        var serials = new HashSet<Digest>();
        while (entries.HasData)
        {
            AsnReader entry = entries.ReadSequence();
            serials.Add(Digest.OfSerial(entry.ReadIntegerBytes().Span));
            ReadTime(entry);
            if (entry.HasData) ReadExtensions(entry.ReadSequence());
            entry.ThrowIfNotEmpty();
        }

        return serials.ToFrozenSet();
    }

    // A critical extension that is not understood may turn the meaning of the rest around (RFC 5280 section 5.2).
    private static void ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            bool critical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
            byte[] value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            switch (oid)
            {
                case DeltaIndicator:
                    throw new RevocationListException(RevocationListProblem.Delta);
                case CertificateIssuer:
                    throw new RevocationListException(RevocationListProblem.Indirect);
                case IssuingDistributionPoint:
                    throw new RevocationListException(IsIndirect(value) ? RevocationListProblem.Indirect : RevocationListProblem.Partial);
                default:
                    if (critical && !Understood.Contains(oid))
                        throw new RevocationListException(RevocationListProblem.UnknownExtension) { Extension = oid };
                    break;
            }
        }
    }

    private static bool IsIndirect(byte[] issuingDistributionPoint)
    {
        var indirect = new Asn1Tag(TagClass.ContextSpecific, 4);
        AsnReader scope = new AsnReader(issuingDistributionPoint, AsnEncodingRules.DER).ReadSequence();
        while (scope.HasData)
        {
            if (scope.PeekTag().HasSameClassAndValue(indirect)) return scope.ReadBoolean(indirect);
            scope.ReadEncodedValue();
        }

        return false;
    }

    private static bool IsTime(Asn1Tag tag) => tag == Asn1Tag.UtcTime || tag == Asn1Tag.GeneralizedTime;

    private static DateTimeOffset ReadTime(AsnReader reader)
    {
        const int lastYearOfTwoDigits = 2049; // RFC 5280 section 5.1.2.4
        return reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime(lastYearOfTwoDigits) : reader.ReadGeneralizedTime();
    }
}
