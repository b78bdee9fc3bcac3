using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Compares distinguished names as X.509 does (RFC 5280 section 7.1): the kind of string, upper and lower case, spaces at the ends and how
/// many there are inside, and the order of the attributes of one part make no difference. A name that cannot be read is compared byte by
/// byte. That two names are the same proves nothing: what counts is always said by a signature.
/// </summary>
public static class DistinguishedName
{
    // Their bytes are characters. In a PrintableString or a TeletexString stands what the maker of the certificate liked, so all are read
    // as ISO 8859-1, of which each of them is a part.
    private static readonly Dictionary<UniversalTagNumber, Encoding> Encodings = new()
    {
        [UniversalTagNumber.UTF8String] = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
        [UniversalTagNumber.BMPString] = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true),
        [UniversalTagNumber.UniversalString] = new UTF32Encoding(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true),
        [UniversalTagNumber.NumericString] = Encoding.Latin1,
        [UniversalTagNumber.PrintableString] = Encoding.Latin1,
        [UniversalTagNumber.TeletexString] = Encoding.Latin1,
        [UniversalTagNumber.IA5String] = Encoding.Latin1,
        [UniversalTagNumber.VisibleString] = Encoding.Latin1,
    };

    /// <summary>True when both name the same.</summary>
    public static bool AreSame(X500DistinguishedName one, X500DistinguishedName other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return AreSame(one.RawData, other.RawData);
    }

    /// <summary>True when both name the same.</summary>
    /// <param name="name">A certificate's.</param>
    /// <param name="text">Another one, as <see cref="X500DistinguishedName.Name"/> writes it.</param>
    public static bool AreSame(X500DistinguishedName name, string text)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        if (string.Equals(name.Name, text, StringComparison.Ordinal)) return true;
        try
        {
            return AreSame(name, new X500DistinguishedName(text));
        }
        catch (CryptographicException)
        {
            // What cannot be read, such as a part with two attributes, has been compared as it is.
            return false;
        }
    }

    /// <summary>True when two names in DER name the same.</summary>
    internal static bool AreSame(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) =>
        one.Span.SequenceEqual(other.Span) || Canonical(one).AsSpan().SequenceEqual(Canonical(other));

    /// <summary>What to look a name up by: the same for names that are the same.</summary>
    internal static Digest DigestOf(X500DistinguishedName name) => Digest.Of(Canonical(name.RawData));

    /// <inheritdoc cref="DigestOf(X500DistinguishedName)"/>
    /// <param name="der">The name in DER.</param>
    internal static Digest DigestOf(ReadOnlyMemory<byte> der) => Digest.Of(Canonical(der));

    /// <summary>The one form of a name that all its spellings have, in DER; the name itself where it cannot be read.</summary>
    /// <param name="name">The name in DER.</param>
    /// <param name="relative">Attributes in DER that stand below it as its last part (RFC 5280 section 4.2.1.13); empty for none.</param>
    internal static byte[] Canonical(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> relative = default)
    {
        var options = new AsnReaderOptions { SkipSetSortOrderVerification = true };
        try
        {
            var writer = new AsnWriter(AsnEncodingRules.DER, name.Length + relative.Length);
            var whole = new AsnReader(name, AsnEncodingRules.DER, options);
            AsnReader parts = whole.ReadSequence();
            whole.ThrowIfNotEmpty();
            using (writer.PushSequence())
            {
                while (parts.HasData) WritePart(writer, parts.ReadSetOf());
                if (!relative.IsEmpty) WritePart(writer, new AsnReader(relative, AsnEncodingRules.DER, options));
            }

            return writer.Encode();
        }
        catch (AsnContentException)
        {
            return [.. name.Span, .. relative.Span];
        }
    }

    // The writer of DER puts the attributes of a set in their order.
    private static void WritePart(AsnWriter writer, AsnReader attributes)
    {
        using (writer.PushSetOf())
        {
            while (attributes.HasData)
            {
                AsnReader attribute = attributes.ReadSequence();
                using (writer.PushSequence())
                {
                    writer.WriteEncodedValue(attribute.ReadEncodedValue().Span);
                    WriteValue(writer, attribute.ReadEncodedValue());
                    attribute.ThrowIfNotEmpty();
                }
            }
        }
    }

    private static void WriteValue(AsnWriter writer, ReadOnlyMemory<byte> value)
    {
        if (ReadText(value.Span) is { } text) writer.WriteCharacterString(UniversalTagNumber.UTF8String, Prepare(text));
        else writer.WriteEncodedValue(value.Span);
    }

    private static string? ReadText(ReadOnlySpan<byte> value)
    {
        Asn1Tag tag = Asn1Tag.Decode(value, out _);
        if (tag.TagClass != TagClass.Universal || !Encodings.TryGetValue((UniversalTagNumber)tag.TagValue, out Encoding? encoding))
            return null;
        try
        {
            return AsnDecoder.TryReadPrimitiveCharacterStringBytes(value, AsnEncodingRules.DER, tag, out ReadOnlySpan<byte> bytes, out _)
                ? encoding.GetString(bytes).Normalize(NormalizationForm.FormKC)
                : null;
        }
        catch (Exception e) when (e is ArgumentException or AsnContentException)
        {
            // A damaged text is compared as the bytes that it is.
            return null;
        }
    }

    /// <summary>
    /// The preparation of RFC 4518 sections 2.2 and 2.6.1: without what nobody sees, in lower case, with one space where there are several
    /// and none at the ends.
    /// </summary>
    private static string Prepare(string text)
    {
        var prepared = new StringBuilder(text.Length);
        bool isAfterSpace = true;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsSpace(rune))
            {
                if (!isAfterSpace) prepared.Append(' ');
                isAfterSpace = true;
            }
            else if (!IsIgnored(rune))
            {
                Fold(prepared, rune);
                isAfterSpace = false;
            }
        }

        if (isAfterSpace && prepared.Length > 0) prepared.Length--;
        return prepared.ToString();
    }

    private static bool IsSpace(Rune rune) => rune.Value is ' ' or (>= '\t' and <= '\r') or 0x85
        || (!rune.IsAscii && Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    // Besides controls and formats: joiners, variation selectors, the object replacement.
    private static bool IsIgnored(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0xFE00 and <= 0xFE0F) or 0xFFFC;

    private static void Fold(StringBuilder prepared, Rune rune)
    {
        const int sharpS = 0xDF, capitalSharpS = 0x1E9E; // one letter in lower case, two in upper case
        if (rune.IsAscii) prepared.Append(char.ToLowerInvariant((char)rune.Value));
        else if (rune.Value is sharpS or capitalSharpS) prepared.Append("ss");
        else prepared.Append(Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).ToString());
    }
}
