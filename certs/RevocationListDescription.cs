using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>A revocation list (RFC 5280 section 5) in words. Its signature is not looked at: check does that.</summary>
internal static class RevocationListDescription
{
    private const string Label = "X509 CRL";
    private const string ListNumber = "2.5.29.20";
    private const string ReasonCode = "2.5.29.21";

    /// <summary>The DER form of the lists in a file; empty when it holds none.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Find(FileContent content)
    {
        var lists = new List<ReadOnlyMemory<byte>>();
        string text = Encoding.ASCII.GetString(content.Bytes.Span);
        for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields fields); rest = rest[fields.Location.End..])
        {
            if (rest[fields.Label].SequenceEqual(Label))
                lists.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
        }

        if (lists.Count == 0 && IsList(content.Bytes)) lists.Add(content.Bytes);
        return lists;
    }

    /// <summary>Labels and values: not yet safe for a terminal.</summary>
    /// <exception cref="AsnContentException">It is damaged.</exception>
    /// <exception cref="CryptographicException">It is damaged.</exception>
    public static IEnumerable<(string Label, string Value)> Of(ReadOnlyMemory<byte> der)
    {
        AsnReader fields = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (fields.PeekTag() == Asn1Tag.Integer) fields.ReadInteger();
        fields.ReadEncodedValue();
        var lines = new List<(string, string)>
        {
            ("List of", new X500DistinguishedName(fields.ReadEncodedValue().Span).Name),
        };
        DateTimeOffset now = DateTimeOffset.UtcNow, made = ReadTime(fields);
        lines.Add(("Made", CertificateText.Utc(made.UtcDateTime) + (made > now ? ", which is in the future" : "")));
        if (fields.HasData && IsTime(fields.PeekTag()))
        {
            DateTimeOffset next = ReadTime(fields);
            lines.Add(("Next due", CertificateText.Utc(next.UtcDateTime) + (next < now ? ", STALE since then" : "")));
        }
        else
        {
            lines.Add(("Next due", "not said"));
        }

        var entries = new List<(string, string)>();
        if (fields.HasData && fields.PeekTag() == Asn1Tag.Sequence)
        {
            AsnReader revoked = fields.ReadSequence();
            while (revoked.HasData) entries.Add(("", ReadEntry(revoked.ReadSequence())));
        }

        if (fields.HasData) lines.AddRange(ReadNumber(fields));
        lines.Add(("Revoked", entries.Count.ToString("N0", CultureInfo.InvariantCulture)));
        return [.. lines, .. entries];
    }

    private static bool IsList(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            _ = Of(bytes);
            return true;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    private static string ReadEntry(AsnReader entry)
    {
        string serial = Convert.ToHexString(entry.ReadIntegerBytes().Span);
        string at = CertificateText.Utc(ReadTime(entry).UtcDateTime);
        string reason = "";
        if (entry.HasData)
        {
            foreach ((string oid, ReadOnlyMemory<byte> value) in Extensions(entry.ReadSequence()))
            {
                if (oid != ReasonCode) continue;
                // CRLReason, RFC 5280 section 5.3.1.
                var code = new AsnReader(value, AsnEncodingRules.DER).ReadEnumeratedValue<X509RevocationReason>();
                reason = $", {CertificateList.WordOf(code) ?? $"reason {(int)code}"}";
            }
        }

        return $"{serial} on {at}{reason}";
    }

    private static IEnumerable<(string, string)> ReadNumber(AsnReader fields)
    {
        // crlExtensions [0], RFC 5280 section 5.1.
        AsnReader extensions = fields.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        foreach ((string oid, ReadOnlyMemory<byte> value) in Extensions(extensions))
        {
            if (oid == ListNumber)
                yield return ("Number", new AsnReader(value, AsnEncodingRules.DER).ReadInteger().ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<(string Oid, ReadOnlyMemory<byte> Value)> Extensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean) extension.ReadBoolean();
            yield return (oid, extension.ReadOctetString());
        }
    }

    private static bool IsTime(Asn1Tag tag) => tag == Asn1Tag.UtcTime || tag == Asn1Tag.GeneralizedTime;

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
