using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Reads DER from a span that gets shorter, without the object for each level that AsnReader is.</summary>
internal static class DerSpan
{
    private const AsnEncodingRules Rules = AsnEncodingRules.DER;
    private const int LastYearOfTwoDigits = 2049; // RFC 5280 section 5.1.2.4

    /// <summary>What stands in the sequence at the start.</summary>
    /// <exception cref="AsnContentException">There is none.</exception>
    public static ReadOnlySpan<byte> ReadSequence(scoped ref ReadOnlySpan<byte> data)
    {
        AsnDecoder.ReadSequence(data, Rules, out int offset, out int length, out int consumed);
        ReadOnlySpan<byte> content = data.Slice(offset, length);
        data = data[consumed..];
        return content;
    }

    /// <summary>What stands in the octet string at the start.</summary>
    /// <exception cref="AsnContentException">There is none.</exception>
    public static ReadOnlySpan<byte> ReadOctets(scoped ref ReadOnlySpan<byte> data)
    {
        if (!AsnDecoder.TryReadPrimitiveOctetString(data, Rules, out ReadOnlySpan<byte> content, out int consumed))
            throw new AsnContentException();
        data = data[consumed..];
        return content;
    }

    /// <summary>The moment at the start, in one of the two forms that X.509 has.</summary>
    /// <exception cref="AsnContentException">There is none.</exception>
    public static DateTimeOffset ReadTime(scoped ref ReadOnlySpan<byte> data)
    {
        DateTimeOffset time = Asn1Tag.Decode(data, out _) == Asn1Tag.UtcTime
            ? AsnDecoder.ReadUtcTime(data, Rules, out int consumed, LastYearOfTwoDigits)
            : AsnDecoder.ReadGeneralizedTime(data, Rules, out consumed);
        data = data[consumed..];
        return time;
    }

    /// <summary>Passes over the value at the start.</summary>
    /// <exception cref="AsnContentException">There is none.</exception>
    public static void Skip(scoped ref ReadOnlySpan<byte> data)
    {
        AsnDecoder.ReadEncodedValue(data, Rules, out _, out _, out int consumed);
        data = data[consumed..];
    }
}
