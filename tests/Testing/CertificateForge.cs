using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Testing;

/// <summary>A name and a key: one end of a certificate.</summary>
public sealed class Party : IDisposable
{
    public Party(string name, AsymmetricAlgorithm? key = null)
        : this(new X500DistinguishedName(name), key)
    {
    }

    public Party(X500DistinguishedName name, AsymmetricAlgorithm? key = null)
    {
        Name = name;
        Key = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    public X500DistinguishedName Name { get; }

    public AsymmetricAlgorithm Key { get; }

    public PublicKey PublicKey => Key is RSA rsa ? new PublicKey(rsa) : new PublicKey((ECDsa)Key);

    public void Dispose() => Key.Dispose();
}

/// <summary>Writes certificates byte by byte, and so also those that no library makes.</summary>
public sealed record CertificateForge
{
    private static int _lastSerial = 1000;

    /// <summary>1 or 3, or one that does not exist.</summary>
    public int Version { get; init; } = 3;

    public byte[]? Serial { get; init; }

    public TimeSpan NotBefore { get; init; } = TimeSpan.FromDays(-1);

    public TimeSpan NotAfter { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The DER of a Validity in place of the two dates.</summary>
    public byte[]? Validity { get; init; }

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>True for RSA-PSS, with an RSA key.</summary>
    public bool Pss { get; init; }

    /// <summary>Another object identifier for the signature's algorithm than the usual one.</summary>
    public string? SignatureOid { get; init; }

    public X509Extension[] Extensions { get; init; } = [];

    /// <summary>A CA's certificate.</summary>
    public static CertificateForge Authority(int? pathLength = null, params X509Extension[] more) => new()
    {
        Extensions =
        [
            new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, true),
            Usage(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign),
            .. more,
        ],
    };

    /// <summary>A good peer's certificate.</summary>
    public static CertificateForge Peer(params X509Extension[] more) => new()
    {
        Extensions =
        [
            new X509BasicConstraintsExtension(false, false, 0, true),
            Usage(X509KeyUsageFlags.DigitalSignature),
            Purposes(TestPki.ServerAuth, TestPki.ClientAuth),
            Names("localhost"),
            .. more,
        ],
    };

    public static X509Extension Usage(X509KeyUsageFlags flags) => new X509KeyUsageExtension(flags, true);

    public static X509Extension Purposes(params string[] oids) =>
        new X509EnhancedKeyUsageExtension([.. oids.Select(o => new Oid(o))], false);

    /// <summary>Subject alternative names: DNS names, and addresses written with a leading @.</summary>
    public static X509Extension Names(params string[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (name.StartsWith('@')) builder.AddIpAddress(System.Net.IPAddress.Parse(name[1..]));
            else if (name.Contains("://", StringComparison.Ordinal)) builder.AddUri(new Uri(name));
            else builder.AddDnsName(name);
        }

        return builder.Build();
    }

    public static X509Extension KeyIdentifier(Party subject) => new X509SubjectKeyIdentifierExtension(subject.PublicKey, false);

    public static X509Extension IssuerIdentifier(Party issuer) =>
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new X509SubjectKeyIdentifierExtension(issuer.PublicKey, false));

    public static X509Extension Raw(string oid, byte[] value, bool critical) => new(new Oid(oid), value, critical);

    /// <summary>Name constraints (RFC 5280 section 4.2.1.10) of DNS names.</summary>
    public static X509Extension Constraints(string? permitted, string? excluded)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Subtree(permitted, 0);
            Subtree(excluded, 1);
        }

        return Raw("2.5.29.30", writer.Encode(), critical: true);

        void Subtree(string? name, int tag)
        {
            if (name is null) return;
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag)))
            using (writer.PushSequence())
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
        }
    }

    /// <summary>A Validity of two moments, each in UTCTime.</summary>
    public static byte[] Period(DateTimeOffset from, DateTimeOffset until)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteUtcTime(from);
            writer.WriteUtcTime(until);
        }

        return writer.Encode();
    }

    /// <summary>Signs.</summary>
    /// <returns>Without a private key.</returns>
    public X509Certificate2 Sign(Party subject, Party issuer) => X509CertificateLoader.LoadCertificate(Encode(subject, issuer));

    /// <summary>The DER form, signed.</summary>
    public byte[] Encode(Party subject, Party issuer)
    {
        byte[] tbs = EncodeTbs(subject, issuer);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            WriteAlgorithm(writer, issuer.Key, Hash, Pss, SignatureOid);
            writer.WriteBitString(SignData(issuer.Key, tbs, Hash, Pss));
        }

        return writer.Encode();
    }

    public static byte[] SignData(AsymmetricAlgorithm key, byte[] data, HashAlgorithmName hash, bool pss = false) => key is RSA rsa
        ? rsa.SignData(data, hash, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
        : ((ECDsa)key).SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence);

    public static void WriteAlgorithm(
        AsnWriter writer, AsymmetricAlgorithm key, HashAlgorithmName hash, bool pss = false, string? oid = null)
    {
        if (pss)
        {
            WritePss(writer, hash);
            return;
        }

        oid ??= (key is RSA, hash.Name) switch
        {
            (true, "MD5") => "1.2.840.113549.1.1.4",
            (true, "SHA1") => "1.2.840.113549.1.1.5",
            (true, "SHA256") => "1.2.840.113549.1.1.11",
            (true, "SHA384") => "1.2.840.113549.1.1.12",
            (true, _) => "1.2.840.113549.1.1.13",
            (false, "SHA1") => "1.2.840.10045.4.1",
            (false, "SHA256") => "1.2.840.10045.4.3.2",
            (false, "SHA384") => "1.2.840.10045.4.3.3",
            (false, _) => "1.2.840.10045.4.3.4",
        };
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (key is RSA) writer.WriteNull();
        }
    }

    // RFC 4055 section 3.1: what is left out stands for SHA-1 and a salt of its 20 bytes.
    private static void WritePss(AsnWriter writer, HashAlgorithmName hash)
    {
        (string oid, int saltLength) = hash == HashAlgorithmName.MD5 ? ("1.2.840.113549.2.5", 16) : ("2.16.840.1.101.3.4.2.1", 32);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
            using (writer.PushSequence())
            {
                if (hash == HashAlgorithmName.SHA1) return;
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) WriteHash(writer);
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.1.8");
                    WriteHash(writer);
                }

                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2))) writer.WriteInteger(saltLength);
            }
        }

        void WriteHash(AsnWriter writer)
        {
            using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
        }
    }

    private byte[] EncodeTbs(Party subject, Party issuer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (Version > 1)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteInteger(Version - 1);
            }

            writer.WriteInteger(Serial is null
                ? new BigInteger(Interlocked.Increment(ref _lastSerial))
                : new BigInteger(Serial, isUnsigned: false, isBigEndian: true));
            WriteAlgorithm(writer, issuer.Key, Hash, Pss, SignatureOid);
            writer.WriteEncodedValue(issuer.Name.RawData);
            writer.WriteEncodedValue(Validity ?? Period(DateTimeOffset.UtcNow + NotBefore, DateTimeOffset.UtcNow + NotAfter));

            writer.WriteEncodedValue(subject.Name.RawData);
            writer.WriteEncodedValue(subject.PublicKey.ExportSubjectPublicKeyInfo());
            if (Extensions.Length > 0)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                using (writer.PushSequence()) WriteExtensions(writer, Extensions);
            }
        }

        return writer.Encode();
    }

    /// <summary>Extensions, one after the other.</summary>
    public static void WriteExtensions(AsnWriter writer, IEnumerable<X509Extension> extensions)
    {
        foreach (X509Extension extension in extensions)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(extension.Oid!.Value!);
                if (extension.Critical) writer.WriteBoolean(true);
                writer.WriteOctetString(extension.RawData);
            }
        }
    }
}
