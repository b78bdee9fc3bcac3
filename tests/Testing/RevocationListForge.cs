using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Testing;

/// <summary>Writes revocation lists byte by byte, and so also those that have to be refused.</summary>
public sealed record RevocationListForge
{
    public TimeSpan ThisUpdate { get; init; } = TimeSpan.FromHours(-1);

    /// <summary>Null for a list that does not say.</summary>
    public TimeSpan? NextUpdate { get; init; } = TimeSpan.FromDays(7);

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    public X509Certificate2[] Revoked { get; init; } = [];

    public X509Extension[] Extensions { get; init; } = [];

    public X509Extension[] EntryExtensions { get; init; } = [];

    public string SignToPem(Party issuer, AsymmetricAlgorithm? key = null) => PemEncoding.WriteString("X509 CRL", Sign(issuer, key)) + "\n";

    /// <summary>Signs with the issuer's key, or with another one for a forged list.</summary>
    public byte[] Sign(Party issuer, AsymmetricAlgorithm? key = null)
    {
        key ??= issuer.Key;
        byte[] tbs = EncodeTbs(issuer, key);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            CertificateForge.WriteAlgorithm(writer, key, Hash);
            writer.WriteBitString(CertificateForge.SignData(key, tbs, Hash));
        }

        return writer.Encode();
    }

    private byte[] EncodeTbs(Party issuer, AsymmetricAlgorithm key)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            CertificateForge.WriteAlgorithm(writer, key, Hash);
            writer.WriteEncodedValue(issuer.Name.RawData);
            writer.WriteUtcTime(now + ThisUpdate);
            if (NextUpdate is { } next) writer.WriteUtcTime(now + next);
            if (Revoked.Length > 0)
            {
                using (writer.PushSequence())
                {
                    foreach (X509Certificate2 certificate in Revoked) WriteEntry(writer, certificate, now);
                }
            }

            if (Extensions.Length > 0)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence()) CertificateForge.WriteExtensions(writer, Extensions);
            }
        }

        return writer.Encode();
    }

    private void WriteEntry(AsnWriter writer, X509Certificate2 certificate, DateTimeOffset now)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));
            writer.WriteUtcTime(now.AddMinutes(-30));
            if (EntryExtensions.Length == 0) return;
            using (writer.PushSequence()) CertificateForge.WriteExtensions(writer, EntryExtensions);
        }
    }
}
