using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>Kinds of keys that the Engine's verifier accepts and every TLS library knows.</summary>
public enum KeyAlgorithm
{
    /// <summary>ECDSA on P-256: small and fast, the default.</summary>
    P256,

    /// <summary>ECDSA on P-384, signing with SHA-384.</summary>
    P384,

    /// <summary>RSA with 2,048 bits, for peers that know no ECDSA.</summary>
    Rsa2048,

    /// <summary>RSA with 3,072 bits.</summary>
    Rsa3072,

    /// <summary>RSA with 4,096 bits; takes a while to generate.</summary>
    Rsa4096,
}

internal static class KeyAlgorithms
{
    public static bool TryParse(string word, out KeyAlgorithm algorithm) =>
        Enum.TryParse(word, ignoreCase: true, out algorithm) && Enum.IsDefined(algorithm) && char.IsAsciiLetter(word[0]);

    /// <summary>Generates a key.</summary>
    /// <exception cref="CommandException">The platform cannot.</exception>
    public static AsymmetricAlgorithm Generate(KeyAlgorithm algorithm)
    {
        try
        {
            AsymmetricAlgorithm key = Create(algorithm);
            // RSA makes the key when it is first used.
            _ = key.ExportSubjectPublicKeyInfo();
            return key;
        }
        catch (CryptographicException e)
        {
            string kind = algorithm.ToString().ToLowerInvariant();
            throw new CommandException(
                ExitCode.Certificate, $"this system's cryptography cannot generate a key ({kind}): {e.Message.TrimEnd('.')}.");
        }
    }

    private static AsymmetricAlgorithm Create(KeyAlgorithm algorithm) => algorithm switch
    {
        KeyAlgorithm.P256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        KeyAlgorithm.P384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        KeyAlgorithm.Rsa2048 => RSA.Create(2048),
        KeyAlgorithm.Rsa3072 => RSA.Create(3072),
        KeyAlgorithm.Rsa4096 => RSA.Create(4096),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The hash that matches the strength of a signing key.</summary>
    public static HashAlgorithmName HashFor(KeyAlgorithm algorithm) =>
        algorithm == KeyAlgorithm.P384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    /// <summary>The kind of a key; P-256 where it is none of them, which signs with SHA-256 as well.</summary>
    public static KeyAlgorithm Of(PublicKey key)
    {
        using RSA? rsa = key.GetRSAPublicKey();
        if (rsa is not null)
            return rsa.KeySize >= 4096 ? KeyAlgorithm.Rsa4096 : rsa.KeySize >= 3072 ? KeyAlgorithm.Rsa3072 : KeyAlgorithm.Rsa2048;
        using ECDsa? ec = key.GetECDsaPublicKey();
        return ec?.KeySize > 256 ? KeyAlgorithm.P384 : KeyAlgorithm.P256;
    }
}
