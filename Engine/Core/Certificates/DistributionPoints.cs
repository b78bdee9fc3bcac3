using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Names of distribution points of revocation lists (RFC 5280 section 4.2.1.13), which tell the part of a CA's certificates that a list
/// covers. They are compared, and never asked.
/// </summary>
internal static class DistributionPoints
{
    // Of a certificate; one has as many points as its CA has places for a list, and they are kept for each open connection.
    private const int MostNames = 16;

    private static readonly Asn1Tag DirectoryName = new(TagClass.ContextSpecific, 4), Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>
    /// The names of those points at which a list of the certificate's issuer tells all reasons for a revocation (section 6.3.3 (b)).
    /// At most 16; what is more, or cannot be read, is no name: then no list with a distribution point covers the certificate.
    /// </summary>
    public static ImmutableArray<Digest> Of(X509Certificate2 certificate)
    {
        if (certificate.Extensions[ExtensionOid.RevocationListPoints] is not { } extension) return [];
        try
        {
            var names = new List<Digest>();
            AsnReader points = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (points.HasData && names.Count < MostNames) AddPoint(points.ReadSequence(), certificate.IssuerName.RawData, names);
            return [.. names.Distinct().Take(MostNames)];
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    /// <summary>Reads a DistributionPointName.</summary>
    /// <param name="name">Stands before the choice that it is.</param>
    /// <param name="issuer">The distinguished name in DER that a relative name stands below.</param>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static IReadOnlyList<Digest> ReadName(AsnReader name, ReadOnlyMemory<byte> issuer)
    {
        Asn1Tag fullName = new(TagClass.ContextSpecific, 0), relativeName = new(TagClass.ContextSpecific, 1);
        if (name.PeekTag().HasSameClassAndValue(fullName)) return ReadGeneralNames(name.ReadSequence(fullName));
        ReadOnlyMemory<byte> attributes = name.PeekContentBytes();
        name.ReadSetOf(skipSortOrderValidation: true, relativeName);
        return [Hash(DirectoryName, DistinguishedName.Canonical(issuer, attributes))];
    }

    private static void AddPoint(AsnReader point, ReadOnlyMemory<byte> issuer, List<Digest> names)
    {
        AsnReader? name = ReadField(point, 0);
        bool isOfSomeReasons = ReadField(point, 1) is not null;
        IReadOnlyList<Digest>? signers = ReadField(point, 2) is { } others ? ReadGeneralNames(others) : null;
        point.ThrowIfNotEmpty();
        // A point with a signer of its own has an indirect list, unless that signer is the certificate's issuer.
        bool isOfIssuer = signers?.Contains(Hash(DirectoryName, DistinguishedName.Canonical(issuer))) ?? true;
        if (isOfSomeReasons || !isOfIssuer) return;
        names.AddRange(name is null ? signers ?? [] : ReadName(name, issuer));
    }

    private static AsnReader? ReadField(AsnReader point, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number);
        if (!point.HasData || !point.PeekTag().HasSameClassAndValue(tag)) return null;
        var content = new AsnReader(point.PeekContentBytes(), AsnEncodingRules.DER);
        point.ReadEncodedValue();
        return content;
    }

    private static List<Digest> ReadGeneralNames(AsnReader names)
    {
        var read = new List<Digest>();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            ReadOnlyMemory<byte> content = names.PeekContentBytes();
            names.ReadEncodedValue();
            if (tag.HasSameClassAndValue(DirectoryName)) read.Add(Hash(DirectoryName, DistinguishedName.Canonical(content)));
            else if (tag.HasSameClassAndValue(Uri)) read.Add(Hash(Uri, Normalize(content.Span)));
            else read.Add(Hash(tag, content.Span));
        }

        return read;
    }

    // RFC 5280 section 7.4: scheme and host in any case, and the other freedoms that a URI leaves.
    private static byte[] Normalize(ReadOnlySpan<byte> uri)
    {
        string text = Encoding.Latin1.GetString(uri);
        return System.Uri.TryCreate(text, UriKind.Absolute, out Uri? parsed) ? Encoding.UTF8.GetBytes(parsed.AbsoluteUri) : uri.ToArray();
    }

    private static Digest Hash(Asn1Tag kind, ReadOnlySpan<byte> name) => Digest.Of([(byte)kind.TagValue, .. name]);
}
