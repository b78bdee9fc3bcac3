using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>A name as alternative names and name constraints hold it (RFC 5280 section 4.2.1.6).</summary>
/// <param name="Kind">Its tag: <see cref="GeneralNames.Dns"/> and the others.</param>
/// <param name="Text">What stands in a DNS name, a URI or an address for mail; null for the other kinds.</param>
internal readonly record struct GeneralName(int Kind, string? Text);

/// <summary>
/// Reads alternative names as strictly as they decide who somebody is: .NET passes over what it does not know, and OpenSSL over an address
/// of five bytes.
/// </summary>
internal static class GeneralNames
{
    public const int Mail = 1, Dns = 2, Uri = 6;

    private const int Other = 0, X400 = 3, Directory = 4, Edi = 5, Address = 7, RegisteredId = 8;
    private const int Ipv4Bytes = 4, Ipv6Bytes = 16;

    /// <summary>Reads an extension of alternative names.</summary>
    /// <exception cref="AsnContentException">It is malformed, empty, or has a name that can be none.</exception>
    public static List<GeneralName> Read(ReadOnlyMemory<byte> extension)
    {
        var whole = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        if (!sequence.HasData) throw new AsnContentException("There is no name.");
        var names = new List<GeneralName>();
        while (sequence.HasData)
        {
            GeneralName name = ReadOne(sequence, out int addressBytes);
            bool isName = name.Kind == Address ? addressBytes is Ipv4Bytes or Ipv6Bytes : name.Text is null or { Length: > 0 };
            if (!isName) throw new AsnContentException("A name is none.");
            names.Add(name);
        }

        return names;
    }

    /// <summary>Reads one name, of whatever length.</summary>
    /// <param name="reader">Stands before it.</param>
    /// <param name="addressBytes">Of an IP address, or of an address and its mask; 0 for the other kinds.</param>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static GeneralName ReadOne(AsnReader reader, out int addressBytes)
    {
        Asn1Tag tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific) throw new AsnContentException("Not a general name.");
        addressBytes = 0;
        switch (tag.TagValue)
        {
            case Mail or Dns or Uri:
                return new(tag.TagValue, ReadText(reader, tag));
            case Address:
                addressBytes = reader.ReadOctetString(tag).Length;
                return new(tag.TagValue, null);
            case Directory:
                AsnReader name = reader.ReadSequence(tag);
                _ = new X500DistinguishedName(name.ReadEncodedValue().Span).EnumerateRelativeDistinguishedNames().Count();
                name.ThrowIfNotEmpty();
                return new(tag.TagValue, null);
            case RegisteredId:
                reader.ReadObjectIdentifier(tag);
                return new(tag.TagValue, null);
            case Other:
                ReadOther(reader.ReadSequence(tag));
                return new(tag.TagValue, null);
            case X400 or Edi:
                reader.ReadSequence(tag);
                return new(tag.TagValue, null);
            default:
                throw new AsnContentException("An unknown kind of name.");
        }
    }

    private static string ReadText(AsnReader reader, Asn1Tag tag)
    {
        string text = reader.ReadCharacterString(UniversalTagNumber.IA5String, tag);
        // A NUL ends the name for whoever is written in C, and for nobody else.
        return text.Any(char.IsControl) ? throw new AsnContentException("A name with a control character.") : text;
    }

    private static void ReadOther(AsnReader name)
    {
        name.ReadObjectIdentifier();
        name.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadEncodedValue();
        name.ThrowIfNotEmpty();
    }
}
