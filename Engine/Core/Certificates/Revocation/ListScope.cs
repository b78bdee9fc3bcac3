using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Which kind of its CA's certificates a list covers.</summary>
internal enum ListedKind
{
    /// <summary>Certificates of every kind.</summary>
    Any = 0,

    /// <summary>Those that are not a CA's.</summary>
    EndEntity,

    /// <summary>Those of CAs.</summary>
    Authority,
}

/// <summary>
/// Which certificates of its CA a revocation list covers: those that are not on it are good (the issuing distribution point, RFC 5280
/// section 5.2.5). Of the others it proves what it names, and nothing by not naming it.
/// </summary>
/// <param name="Kind">Certificates of one kind, or of any.</param>
/// <param name="Reasons">The reasons for a revocation that it tells, as bits; null for all of them.</param>
/// <param name="Points">The names of its distribution point: it covers the certificates that name one of them; null for all.</param>
internal sealed record ListScope(ListedKind Kind, int? Reasons, IReadOnlySet<Digest>? Points)
{
    /// <summary>All certificates of the CA.</summary>
    public static ListScope Complete { get; } = new(ListedKind.Any, Reasons: null, Points: null);

    /// <summary>Reads an issuing distribution point.</summary>
    /// <param name="extension">The extension's value.</param>
    /// <param name="issuer">The distinguished name of the list's issuer in DER.</param>
    /// <exception cref="RevocationListException">It is one of a list that is not relied on.</exception>
    /// <exception cref="AsnContentException">It cannot be read.</exception>
    public static ListScope Read(ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> issuer)
    {
        var outer = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader fields = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        IReadOnlySet<Digest>? points = null;
        if (Take(fields, 0, out Asn1Tag point)) points = DistributionPoints.ReadName(fields.ReadSequence(point), issuer).ToHashSet();
        bool isOfEndEntities = Take(fields, 1, out Asn1Tag users) && fields.ReadBoolean(users);
        bool isOfAuthorities = Take(fields, 2, out Asn1Tag authorities) && fields.ReadBoolean(authorities);
        int? reasons = Take(fields, 3, out Asn1Tag some) ? ReadReasons(fields, some) : null;
        bool isIndirect = Take(fields, 4, out Asn1Tag indirect) && fields.ReadBoolean(indirect);
        bool isOfAttributes = Take(fields, 5, out Asn1Tag attributes) && fields.ReadBoolean(attributes);
        fields.ThrowIfNotEmpty();
        if (isIndirect) throw new RevocationListException(RevocationListProblem.Indirect);
        if (isOfAttributes) throw new RevocationListException(RevocationListProblem.AttributeCertificates);
        // At most one of them is true; a list of both, and of neither, is a list of nothing.
        if (isOfEndEntities && isOfAuthorities) throw new RevocationListException(RevocationListProblem.Damaged);
        ListedKind kind = isOfEndEntities ? ListedKind.EndEntity : isOfAuthorities ? ListedKind.Authority : ListedKind.Any;
        return new ListScope(kind, reasons, points);
    }

    /// <summary>True when a certificate that the list does not name is not revoked.</summary>
    public bool Covers(PathCertificate certificate) =>
        Reasons is null
        && (Kind == ListedKind.Any || certificate.IsAuthority == (Kind == ListedKind.Authority))
        && (Points is null || certificate.Points.Any(Points.Contains));

    /// <summary>True when a newer list of this scope takes the place of an older one of the other.</summary>
    public bool Includes(ListScope other) =>
        (Kind == ListedKind.Any || Kind == other.Kind)
        && (Reasons is null || Reasons == other.Reasons)
        && (Points is null || (other.Points is { } points && Points.SetEquals(points)));

    private static bool Take(AsnReader fields, int number, out Asn1Tag tag)
    {
        tag = new Asn1Tag(TagClass.ContextSpecific, number);
        return fields.HasData && fields.PeekTag().HasSameClassAndValue(tag);
    }

    private static int ReadReasons(AsnReader fields, Asn1Tag tag)
    {
        int reasons = 0;
        foreach (bool isTold in fields.ReadNamedBitList(tag)) reasons = (reasons << 1) | (isTold ? 1 : 0);
        return reasons;
    }
}
