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

    /// <summary>True for RSA-PSS, with an RSA key.</summary>
    public bool Pss { get; init; }

    /// <summary>Another AlgorithmIdentifier than that of the signature, in DER; null for the true one.</summary>
    public byte[]? Algorithm { get; init; }

    /// <summary>Another one behind the signed part alone.</summary>
    public byte[]? OuterAlgorithm { get; init; }

    /// <summary>What stands behind the last field of the signed part, in DER.</summary>
    public byte[] BehindFields { get; init; } = [];

    /// <summary>What stands behind the signature.</summary>
    public byte[] BehindSignature { get; init; } = [];

    /// <summary>What stands behind the fields of each entry.</summary>
    public byte[] BehindEntry { get; init; } = [];

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
            WriteAlgorithm(writer, key, OuterAlgorithm ?? Algorithm);
            writer.WriteBitString(CertificateForge.SignData(key, tbs, Hash, Pss));
            Append(writer, BehindSignature);
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
            WriteAlgorithm(writer, key, Algorithm);
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

            Append(writer, BehindFields);
        }

        return writer.Encode();
    }

    private void WriteAlgorithm(AsnWriter writer, AsymmetricAlgorithm key, byte[]? given)
    {
        if (given is not null) writer.WriteEncodedValue(given);
        else CertificateForge.WriteAlgorithm(writer, key, Hash, Pss);
    }

    private static void Append(AsnWriter writer, byte[] der)
    {
        if (der.Length > 0) writer.WriteEncodedValue(der);
    }

    private void WriteEntry(AsnWriter writer, X509Certificate2 certificate, DateTimeOffset now)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));
            writer.WriteUtcTime(now.AddMinutes(-30));
            if (EntryExtensions.Length > 0)
            {
                using (writer.PushSequence()) CertificateForge.WriteExtensions(writer, EntryExtensions);
            }

            Append(writer, BehindEntry);
        }
    }
}
