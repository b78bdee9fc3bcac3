using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CommunityToolkit.HighPerformance.Buffers;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// The names of a certificate's owner in the spelling of <see cref="PeerAllowList"/>. Never throws: what cannot be read is no name.
/// </summary>
internal static class PeerNames
{
    private const string CommonName = "2.5.4.3";
    private const int Prefix = 4; // characters: "dns:", "uri:"

    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        var names = new List<string>();
        if (OnlyCommonName(certificate) is { } commonName) names.Add(SharedText.Of("cn:" + commonName));
        try
        {
            AddAlternativeNames(certificate, names);
        }
        catch (AsnContentException)
        {
            // Names before the damage are not taken either: half a list is no list.
            names.RemoveAll(n => !n.StartsWith("cn:", StringComparison.Ordinal));
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The common name; null when there is none, or more than one: which of them would count is anyone's guess.</summary>
    public static string? OnlyCommonName(X509Certificate2 certificate)
    {
        try
        {
            string? found = null;
            foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
            {
                if (part.HasMultipleElements || part.GetSingleElementType().Value != CommonName) continue;
                if (found is not null) return null;
                found = part.GetSingleElementValue();
            }

            return found;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // X509SubjectAlternativeNameExtension does not give the URIs (RFC 5280 section 4.2.1.6), such as those of SPIFFE.
    private static void AddAlternativeNames(X509Certificate2 certificate, List<string> names)
    {
        const int dns = 2, uri = 6;
        if (certificate.Extensions[ExtensionOid.SubjectAlternativeName] is not { } extension) return;
        var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER);
        AsnReader alternatives = reader.ReadSequence();
        // Room for the longest of them: none is longer than what it is in.
        using SpanOwner<char> name = SpanOwner<char>.Allocate(Prefix + extension.RawData.Length);
        while (alternatives.HasData)
        {
            Asn1Tag tag = alternatives.PeekTag();
            bool known = tag is { TagClass: TagClass.ContextSpecific, TagValue: dns or uri };
            if (!known)
            {
                alternatives.ReadEncodedValue();
                continue;
            }

            Span<char> value = name.Span[Prefix..];
            alternatives.TryReadCharacterString(value, UniversalTagNumber.IA5String, out int length, tag);
            (tag.TagValue == dns ? "dns:" : "uri:").CopyTo(name.Span);
            if (tag.TagValue == dns) Ascii.ToLowerInPlace(value[..length], out _);
            names.Add(SharedText.Of(name.Span[..(Prefix + length)]));
        }
    }
}
