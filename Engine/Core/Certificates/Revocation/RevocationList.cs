using System.Formats.Asn1;
using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// A certificate revocation list as its bytes say (RFC 5280 section 5); nobody has looked at its signature yet. Direct lists alone, and
/// not those that change another one (delta). Of its bytes it keeps what is asked for: they may be many millions.
/// </summary>
internal sealed class RevocationList
{
    private RevocationList(ReadOnlyMemory<byte> issuer, ListSignature signature)
    {
        IssuerName = issuer.ToArray();
        Issuer = DistinguishedName.DigestOf(issuer);
        Signature = signature;
    }

    /// <summary>The issuer's distinguished name in DER.</summary>
    public byte[] IssuerName { get; }

    /// <summary>The issuer's distinguished name, to compare.</summary>
    public Digest Issuer { get; }

    /// <summary>Its signature, and what that is over.</summary>
    public ListSignature Signature { get; }

    /// <summary>From when on it says the truth.</summary>
    public DateTimeOffset ThisUpdate { get; private init; }

    /// <summary>When the next one is due at the latest.</summary>
    public DateTimeOffset NextUpdate { get; private init; }

    /// <summary>The serial numbers on it.</summary>
    public RevokedSerials Serials { get; private init; } = RevokedSerials.None;

    /// <summary>The certificates that it covers.</summary>
    public ListScope Scope { get; private init; } = ListScope.Complete;

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
        RevokedSerials serials = RevokedSerials.None;
        if (fields.HasData && fields.PeekTag() == Asn1Tag.Sequence)
        {
            serials = RevokedSerials.Read(fields.PeekContentBytes().Span);
            fields.ReadEncodedValue();
        }

        ListScope scope = fields.HasData ? ReadScope(fields, issuer) : ListScope.Complete;
        fields.ThrowIfNotEmpty();
        return new RevocationList(issuer, ListSignature.Over(tbs.Span, algorithm, signature))
        {
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Serials = serials,
            Scope = scope,
        };
    }

    private static ListScope ReadScope(AsnReader fields, ReadOnlyMemory<byte> issuer)
    {
        AsnReader outer = fields.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        ReadOnlyMemory<byte> extensions = outer.PeekContentBytes();
        outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        return RevocationListExtensions.ReadOfList(extensions.Span) is { } scope ? ListScope.Read(scope, issuer) : ListScope.Complete;
    }

    private static bool IsTime(Asn1Tag tag) => tag == Asn1Tag.UtcTime || tag == Asn1Tag.GeneralizedTime;

    private static DateTimeOffset ReadTime(AsnReader reader)
    {
        ReadOnlySpan<byte> time = reader.ReadEncodedValue().Span;
        return DerSpan.ReadTime(ref time);
    }
}
