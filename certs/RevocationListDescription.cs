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
        RevocationListFacts list = Read(der);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        yield return ("List of", list.Issuer);
        yield return ("Made", CertificateText.Utc(list.ThisUpdate) + (list.ThisUpdate > now ? ", which is in the future" : ""));
        yield return ("Next due", list.NextUpdate is not { } next ? "not said"
            : CertificateText.Utc(next) + (next < now ? ", STALE since then" : ""));
        if (list.Number is { } number) yield return ("Number", number);
        yield return ("Revoked", list.Revoked.Count.ToString("N0", CultureInfo.InvariantCulture));
        foreach (RevokedEntry entry in list.Revoked)
        {
            string reason = entry.Reason is null ? "" : $", {entry.Reason}";
            yield return ("", $"{entry.Serial} on {CertificateText.Utc(entry.RevokedAt)}{reason}");
        }
    }

    /// <summary>What stands in a list.</summary>
    /// <exception cref="AsnContentException">It is damaged.</exception>
    /// <exception cref="CryptographicException">It is damaged.</exception>
    public static RevocationListFacts Read(ReadOnlyMemory<byte> der)
    {
        AsnReader fields = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (fields.PeekTag() == Asn1Tag.Integer) fields.ReadInteger();
        fields.ReadEncodedValue();
        string issuer = new X500DistinguishedName(fields.ReadEncodedValue().Span).Name;
        DateTimeOffset made = ReadTime(fields);
        DateTimeOffset? next = fields.HasData && IsTime(fields.PeekTag()) ? ReadTime(fields) : null;
        var entries = new List<RevokedEntry>();
        if (fields.HasData && fields.PeekTag() == Asn1Tag.Sequence)
        {
            AsnReader revoked = fields.ReadSequence();
            while (revoked.HasData) entries.Add(ReadEntry(revoked.ReadSequence()));
        }

        return new RevocationListFacts(issuer, made, next, fields.HasData ? ReadNumber(fields) : null, entries);
    }

    private static bool IsList(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            _ = Read(bytes);
            return true;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    private static RevokedEntry ReadEntry(AsnReader entry)
    {
        string serial = Convert.ToHexString(entry.ReadIntegerBytes().Span);
        DateTimeOffset at = ReadTime(entry);
        string? reason = null;
        if (entry.HasData)
        {
            foreach ((string oid, ReadOnlyMemory<byte> value) in Extensions(entry.ReadSequence()))
            {
                if (oid != ReasonCode) continue;
                // CRLReason, RFC 5280 section 5.3.1.
                var code = new AsnReader(value, AsnEncodingRules.DER).ReadEnumeratedValue<X509RevocationReason>();
                reason = CertificateList.WordOf(code) ?? $"reason {(int)code}";
            }
        }

        return new RevokedEntry(serial, at, reason);
    }

    private static string? ReadNumber(AsnReader fields)
    {
        // crlExtensions [0], RFC 5280 section 5.1.
        AsnReader extensions = fields.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        return Extensions(extensions).ToArray()
            .Where(e => e.Oid == ListNumber)
            .Select(e => new AsnReader(e.Value, AsnEncodingRules.DER).ReadInteger().ToString(CultureInfo.InvariantCulture))
            .FirstOrDefault();
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
