using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace RawEcho.Engine.Certificates;

/// <summary>A private key of a file: the key, or why it cannot be had.</summary>
internal sealed record KeyCandidate
{
    private static readonly ECCurve[] NamedCurves =
        [ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521];

    /// <summary>RSA or ECDSA; null where it cannot be had.</summary>
    public AsymmetricAlgorithm? Key { get; private init; }

    /// <summary>Why it cannot be had.</summary>
    public CertificateFileProblem? Problem { get; private init; }

    /// <summary>The kind of the key or of its protection that is not supported.</summary>
    public string? Kind { get; private init; }

    /// <summary>What the platform said.</summary>
    public Exception? Cause { get; private init; }

    /// <summary>The line on which it begins; null where there are no lines.</summary>
    public int? Line { get; init; }

    /// <summary>Takes a block of PEM.</summary>
    /// <returns>Null for one that is no private key.</returns>
    public static KeyCandidate? Of(PemBlock block, string? password)
    {
        const string suffix = "PRIVATE KEY";
        if (!block.Label.EndsWith(suffix, StringComparison.Ordinal)) return null;
        string kind = block.Label[..^suffix.Length].Trim();
        KeyCandidate candidate = Guarded(() => kind switch
        {
            "" => OfPkcs8(block.Data),
            "ENCRYPTED" => OfEncryptedPkcs8(block.Data, password),
            "RSA" or "EC" => OfOldForm(block, kind, password),
            _ => Unsupported(kind),
        });
        return candidate with { Line = block.Line };
    }

    /// <summary>Takes a key in DER, of whatever form.</summary>
    public static KeyCandidate OfDer(ReadOnlyMemory<byte> der, string? password) => Guarded(() =>
    {
        // Each form is a SEQUENCE; what stands first and second in it tells them apart.
        AsnReader fields = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        if (fields.PeekTag() == Asn1Tag.Sequence) return OfEncryptedPkcs8(der, password);
        fields.ReadEncodedValue();
        return fields.PeekTag() == Asn1Tag.Sequence ? OfPkcs8(der)
            : OfTraditional(fields.PeekTag() == Asn1Tag.Integer ? "RSA" : "EC", der.Span);
    });

    /// <summary>Takes an encrypted key in PKCS#8.</summary>
    public static KeyCandidate OfEncrypted(ReadOnlyMemory<byte> der, string? password) => Guarded(() => OfEncryptedPkcs8(der, password));

    /// <summary>Takes a key in PKCS#8.</summary>
    public static KeyCandidate OfPlain(ReadOnlyMemory<byte> der) => Guarded(() => OfPkcs8(der));

    private static KeyCandidate OfPkcs8(ReadOnlyMemory<byte> der)
    {
        var info = Pkcs8PrivateKeyInfo.Decode(der, out _, skipCopy: true);
        return OfPkcs8(info.AlgorithmId.Value ?? "", der.Span);
    }

    private static KeyCandidate OfPkcs8(string algorithm, ReadOnlySpan<byte> der)
    {
        switch (algorithm)
        {
            case KeyKinds.Rsa:
                var rsa = RSA.Create();
                rsa.ImportPkcs8PrivateKey(der, out _);
                return new KeyCandidate { Key = rsa };
            case KeyKinds.EllipticCurve:
                var ec = ECDsa.Create();
                ec.ImportPkcs8PrivateKey(der, out _);
                return new KeyCandidate { Key = WithNamedCurve(ec) };
            default:
                return Unsupported(KeyKinds.NameOf(algorithm));
        }
    }

    private static KeyCandidate OfEncryptedPkcs8(ReadOnlyMemory<byte> der, string? password)
    {
        if (KeyProtection.UnsupportedIn(der) is { } protection)
            return new KeyCandidate { Problem = CertificateFileProblem.UnsupportedProtection, Kind = protection };
        if (password is null) return new KeyCandidate { Problem = CertificateFileProblem.KeyEncrypted };
        Pkcs8PrivateKeyInfo info;
        try
        {
            info = Pkcs8PrivateKeyInfo.DecryptAndDecode(password, der, out _);
        }
        catch (CryptographicException e)
        {
            return new KeyCandidate { Problem = CertificateFileProblem.WrongPassword, Cause = e };
        }

        byte[] plain = info.Encode();
        KeyCandidate candidate = OfPkcs8(info.AlgorithmId.Value ?? "", plain);
        CryptographicOperations.ZeroMemory(plain);
        return candidate;
    }

    private static KeyCandidate OfOldForm(PemBlock block, string kind, string? password)
    {
        if (!block.Headers.ContainsKey("Proc-Type")) return OfTraditional(kind, block.Data);
        if (password is null) return new KeyCandidate { Problem = CertificateFileProblem.KeyEncrypted };
        try
        {
            return KeyProtection.DecryptOldForm(block, password) is { } plain
                ? OfTraditional(kind, plain)
                : new KeyCandidate
                {
                    Problem = CertificateFileProblem.UnsupportedProtection,
                    Kind = KeyProtection.CipherOf(block).Split(',')[0],
                };
        }
        catch (CryptographicException e)
        {
            // A wrong password shows by its padding, or one time in 256 by what the padding lets through.
            return new KeyCandidate { Problem = CertificateFileProblem.WrongPassword, Cause = e };
        }
    }

    // PKCS#1 (RFC 8017 appendix A.1.2) and SEC 1 (RFC 5915).
    private static KeyCandidate OfTraditional(string kind, ReadOnlySpan<byte> der)
    {
        if (kind == "RSA")
        {
            var rsa = RSA.Create();
            rsa.ImportRSAPrivateKey(der, out _);
            return new KeyCandidate { Key = rsa };
        }

        var ec = ECDsa.Create();
        ec.ImportECPrivateKey(der, out _);
        return new KeyCandidate { Key = WithNamedCurve(ec) };
    }

    // A curve may be written out in full (openssl -param_enc explicit), and its certificate gives its name.
    private static ECDsa WithNamedCurve(ECDsa key)
    {
        ECParameters own = key.ExportParameters(includePrivateParameters: true);
        if (own.Curve.IsNamed) return key;
        foreach (ECCurve curve in NamedCurves)
        {
            using ECDsa other = ECDsa.Create(curve);
            ECCurve known = other.ExportExplicitParameters(includePrivateParameters: false).Curve;
            if (!IsSame(own.Curve, known)) continue;
            key.Dispose();
            return ECDsa.Create(new ECParameters { Curve = curve, D = own.D, Q = own.Q });
        }

        return key;
    }

    private static bool IsSame(ECCurve one, ECCurve other) =>
        Same(one.Prime, other.Prime) && Same(one.A, other.A) && Same(one.B, other.B) && Same(one.Order, other.Order)
        && Same(one.G.X, other.G.X) && Same(one.G.Y, other.G.Y);

    private static bool Same(byte[]? one, byte[]? other) => one is not null && one.AsSpan().SequenceEqual(other);

    private static KeyCandidate Unsupported(string kind) => new() { Problem = CertificateFileProblem.UnsupportedKey, Kind = kind };

    private static KeyCandidate Guarded(Func<KeyCandidate> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The platform throws what it likes at bytes that it does not like.
            return new KeyCandidate
            {
                Problem = PlatformRefusal.Is(e) ? CertificateFileProblem.RefusedKey : CertificateFileProblem.DamagedKey,
                Cause = e,
            };
        }
    }
}
