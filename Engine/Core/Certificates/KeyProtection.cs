using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>How keys are encrypted in files: what .NET cannot decrypt, and the old form of OpenSSL.</summary>
internal static class KeyProtection
{
    private const string Pbes2 = "1.2.840.113549.1.5.13", Pbkdf2 = "1.2.840.113549.1.5.12";

    // What .NET decrypts: PBES1 and the schemes of PKCS#12 without RC4; of PBES2 the ciphers and the hashes of PBKDF2 (RFC 8018).
    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "1.2.840.113549.1.5.3", "1.2.840.113549.1.5.6", "1.2.840.113549.1.5.10", "1.2.840.113549.1.5.11",
        "1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.4", "1.2.840.113549.1.12.1.5", "1.2.840.113549.1.12.1.6",
        "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.42",
        "1.2.840.113549.3.7", "1.2.840.113549.3.2", "1.3.14.3.2.7",
        "1.2.840.113549.2.7", "1.2.840.113549.2.9", "1.2.840.113549.2.10", "1.2.840.113549.2.11",
    ]);

    /// <summary>The algorithm of an encrypted PKCS#8 key that .NET cannot decrypt, whatever the password.</summary>
    /// <param name="encryptedKey">EncryptedPrivateKeyInfo (RFC 5208 section 6).</param>
    /// <returns>Null where it can.</returns>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static string? UnsupportedIn(ReadOnlyMemory<byte> encryptedKey)
    {
        AsnReader algorithm = new AsnReader(encryptedKey, AsnEncodingRules.BER).ReadSequence().ReadSequence();
        string scheme = algorithm.ReadObjectIdentifier();
        return (scheme == Pbes2 ? OfPbes2(algorithm.ReadSequence()) : [scheme]).FirstOrDefault(oid => !Known.Contains(oid)) is { } unknown
            ? KeyKinds.NameOf(unknown)
            : null;
    }

    /// <summary>Decrypts a key of the form that OpenSSL wrote before PKCS#8: Proc-Type: 4,ENCRYPTED (RFC 1421 section 4.6.1.1).</summary>
    /// <param name="block">The block.</param>
    /// <param name="password">The password.</param>
    /// <returns>Null for a cipher that is not supported.</returns>
    /// <exception cref="CryptographicException">The password is wrong, or the block is damaged.</exception>
    /// <exception cref="FormatException">The headers are damaged.</exception>
    public static byte[]? DecryptOldForm(PemBlock block, string password)
    {
        string[] info = CipherOf(block).Split(',');
        using SymmetricAlgorithm? cipher = Create(info[0]);
        if (cipher is null) return null;
        byte[] vector = info.Length == 2 ? Convert.FromHexString(info[1].Trim()) : [];
        if (vector.Length != cipher.BlockSize / 8) throw new FormatException("The initialization vector is not as long as a block.");
        cipher.Key = DeriveKey(Encoding.UTF8.GetBytes(password), vector.AsSpan(0, 8), cipher.KeySize / 8);
        return cipher.DecryptCbc(block.Data, vector);
    }

    /// <summary>The DEK-Info of a block: cipher and initialization vector.</summary>
    public static string CipherOf(PemBlock block) => block.Headers.GetValueOrDefault("DEK-Info", "");

    private static IEnumerable<string> OfPbes2(AsnReader parameters)
    {
        AsnReader derivation = parameters.ReadSequence();
        string function = derivation.ReadObjectIdentifier();
        if (function == Pbkdf2)
        {
            AsnReader values = derivation.ReadSequence();
            values.ReadEncodedValue(); // the salt
            values.ReadEncodedValue(); // the iteration count
            if (values.HasData && values.PeekTag() == Asn1Tag.Integer) values.ReadEncodedValue();
            if (values.HasData) yield return values.ReadSequence().ReadObjectIdentifier();
        }
        else
        {
            yield return function;
        }

        yield return parameters.ReadSequence().ReadObjectIdentifier();
    }

    [SuppressMessage("Security", "CA5350", Justification = "It reads what was encrypted with it; nothing is encrypted with it any more.")]
    private static SymmetricAlgorithm? Create(string cipher)
    {
        (SymmetricAlgorithm? algorithm, int bits) = cipher.Trim().ToUpper(CultureInfo.InvariantCulture) switch
        {
            "AES-128-CBC" => (Aes.Create(), 128),
            "AES-192-CBC" => (Aes.Create(), 192),
            "AES-256-CBC" => (Aes.Create(), 256),
            "DES-EDE3-CBC" => ((SymmetricAlgorithm?)TripleDES.Create(), 192),
            _ => (null, 0),
        };
        algorithm?.KeySize = bits;
        return algorithm;
    }

    // EVP_BytesToKey(3) of OpenSSL with MD5 and one round.
    [SuppressMessage("Security", "CA5351", Justification = "Nothing else can read these files.")]
    private static byte[] DeriveKey(byte[] password, ReadOnlySpan<byte> salt, int length)
    {
        byte[] key = [];
        byte[] last = [];
        while (key.Length < length)
        {
            last = MD5.HashData([.. last, .. password, .. salt]);
            key = [.. key, .. last];
        }

        return key[..length];
    }
}
