using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates;

/// <summary>Reads how a PKCS#12 file is protected, which Pkcs12Info does not tell (RFC 7292 section 4).</summary>
internal static class Pkcs12Authentication
{
    private const string Data = "1.2.840.113549.1.7.1", EncryptedData = "1.2.840.113549.1.7.6";

    // SHA-1, SHA-2 and MD5.
    private static readonly string[] KnownHashes =
        ["1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.2.5"];

    /// <summary>There is an authentication code.</summary>
    public static bool IsThere(ReadOnlyMemory<byte> file) => Guarded(() => FieldsBehindContent(file).HasData ? "" : null) is not null;

    /// <summary>The algorithm of the authentication code that is not supported; null where it is, or where there is no code.</summary>
    public static string? UnsupportedIn(ReadOnlyMemory<byte> file) => Guarded(() =>
    {
        AsnReader fields = FieldsBehindContent(file);
        if (!fields.HasData) return null;
        string oid = fields.ReadSequence().ReadSequence().ReadSequence().ReadObjectIdentifier();
        return KnownHashes.Contains(oid) ? null : KeyKinds.NameOf(oid);
    });

    /// <summary>The algorithm with which a part of the file is encrypted and that is not supported; null where all are.</summary>
    public static string? UnsupportedEncryptionIn(ReadOnlyMemory<byte> file) => Guarded(() =>
    {
        AsnReader fields = new AsnReader(file, AsnEncodingRules.BER).ReadSequence();
        fields.ReadEncodedValue();
        AsnReader outer = fields.ReadSequence();
        if (outer.ReadObjectIdentifier() != Data) return null;
        byte[] safe = outer.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadOctetString();
        AsnReader parts = new AsnReader(safe, AsnEncodingRules.BER).ReadSequence();
        while (parts.HasData)
        {
            AsnReader part = parts.ReadSequence();
            if (part.ReadObjectIdentifier() != EncryptedData) continue;
            AsnReader encrypted = part.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
            encrypted.ReadEncodedValue(); // the version
            AsnReader content = encrypted.ReadSequence();
            content.ReadObjectIdentifier();
            // EncryptedPrivateKeyInfo begins with the same algorithm.
            var key = new AsnWriter(AsnEncodingRules.BER);
            using (key.PushSequence()) key.WriteEncodedValue(content.ReadEncodedValue().Span);
            if (KeyProtection.UnsupportedIn(key.Encode()) is { } unsupported) return unsupported;
        }

        return null;
    });

    private static AsnReader FieldsBehindContent(ReadOnlyMemory<byte> file)
    {
        AsnReader fields = new AsnReader(file, AsnEncodingRules.BER).ReadSequence();
        fields.ReadEncodedValue(); // the version
        fields.ReadEncodedValue(); // what is authenticated
        return fields;
    }

    private static string? Guarded(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
