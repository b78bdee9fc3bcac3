using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates;

/// <summary>Says what a file in DER is that should have been something else: by its first fields, without reading the rest.</summary>
internal static class DerForm
{
    /// <summary>How <see cref="Describe"/> names PKCS#12.</summary>
    public const string Pkcs12 = "a PKCS#12 file";

    /// <summary>The kind of thing with its article, as "a private key"; null where it cannot be told.</summary>
    /// <param name="file">What was read.</param>
    public static string? Describe(FileContent file)
    {
        if (Pkcs12Content.IsPkcs12(file)) return Pkcs12;
        try
        {
            AsnReader fields = new AsnReader(file.Bytes, AsnEncodingRules.BER).ReadSequence();
            Asn1Tag first = fields.PeekTag();
            // RFC 5958 section 2, RFC 8017 appendix A.1.2 and RFC 5915 section 3: private keys begin with a version.
            if (first == Asn1Tag.Integer) return "a private key";
            if (first == Asn1Tag.ObjectIdentifier) return "a PKCS#7 file";
            return first == Asn1Tag.Sequence ? DescribeSequence(fields) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // SubjectPublicKeyInfo and EncryptedPrivateKeyInfo begin with an algorithm, certificates, requests and lists with what is signed.
    private static string? DescribeSequence(AsnReader fields)
    {
        AsnReader inner = fields.ReadSequence();
        if (inner.PeekTag() == Asn1Tag.ObjectIdentifier)
            return fields.PeekTag() == Asn1Tag.PrimitiveBitString ? "a public key" : "an encrypted private key";
        if (inner.PeekTag() != Asn1Tag.Integer) return null;
        // RFC 2986 section 4.1: the version of a request is 0. A list says 1 before its algorithm; a certificate's version has a tag.
        bool isRequest = inner.TryReadInt32(out int version) && version == 0;
        return isRequest ? "a certificate request" : inner.PeekTag() == Asn1Tag.Sequence ? "a revocation list" : null;
    }
}
