using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates;

/// <summary>What an RSA-PSS signature says of itself (RFC 8017 section 9.1).</summary>
/// <param name="MaskHash">The hash of its mask (MGF1).</param>
/// <param name="SaltLength">How long its salt is, bytes.</param>
internal sealed record PssParameters(HashAlgorithmName MaskHash, int SaltLength);

/// <summary>
/// Verifies RSA-PSS signatures (RFC 8017 sections 8.1.2 and 9.1.2). The platform does it where salt and mask are as long and of the kind
/// of the hash; for the others, such as what openssl makes by default, .NET 10 has no API. All that goes in is public, so time tells
/// nothing to anyone.
/// </summary>
internal static class PssSignature
{
    // Bytes, as in OpenSSL (rsa(7)): longer ones only cost time, and a stranger may send them.
    private const int LongestModulus = 2048, LongestExponent = 8;

    /// <param name="key">The signer's.</param>
    /// <param name="hash">The hash of what was signed.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="algorithm">The hash's kind.</param>
    /// <param name="parameters">What the signature says of itself.</param>
    /// <exception cref="CryptographicException">The key cannot be used.</exception>
    public static bool Verify(
        RSA key, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, HashAlgorithmName algorithm, PssParameters parameters) =>
        parameters.SaltLength == hash.Length && parameters.MaskHash == algorithm
            ? key.VerifyHash(hash, signature, algorithm, RSASignaturePadding.Pss)
            : VerifyAny(key, hash, signature, algorithm, parameters);

    internal static bool VerifyAny(
        RSA key, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, HashAlgorithmName algorithm, PssParameters parameters)
    {
        RSAParameters numbers = key.ExportParameters(includePrivateParameters: false);
        if (numbers.Modulus!.Length > LongestModulus || numbers.Exponent!.Length > LongestExponent) return false;
        var modulus = new BigInteger(numbers.Modulus, isUnsigned: true, isBigEndian: true);
        var signed = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (signature.Length != numbers.Modulus.Length || signed >= modulus) return false;
        var exponent = new BigInteger(numbers.Exponent, isUnsigned: true, isBigEndian: true);
        BigInteger number = BigInteger.ModPow(signed, exponent, modulus);

        // One bit shorter than the modulus, so that it is always the smaller number.
        int bits = (int)modulus.GetBitLength() - 1;
        int length = (bits + 7) / 8;
        int numberLength = number.GetByteCount(isUnsigned: true);
        if (numberLength > length) return false;
        byte[] message = new byte[length];
        number.TryWriteBytes(message.AsSpan(length - numberLength), out _, isUnsigned: true, isBigEndian: true);
        return IsEncoded(message, (8 * length) - bits, hash, algorithm, parameters);
    }

    // The message is: zeros, a one, the salt, all of them under a mask; then a hash over the hash and the salt; then a fixed byte.
    private static bool IsEncoded(
        Span<byte> message, int unusedBits, ReadOnlySpan<byte> hash, HashAlgorithmName algorithm, PssParameters parameters)
    {
        const byte end = 0xBC, separator = 1;
        int zeros = message.Length - hash.Length - parameters.SaltLength - 2;
        if (zeros < 0 || message[^1] != end || message[0] >> (8 - unusedBits) != 0) return false;
        Span<byte> block = message[..(message.Length - hash.Length - 1)];
        ReadOnlySpan<byte> proof = message[block.Length..^1];
        Unmask(block, proof, parameters.MaskHash);
        block[0] &= (byte)(0xFF >> unusedBits);
        if (block[..zeros].ContainsAnyExcept((byte)0) || block[zeros] != separator) return false;
        using var again = IncrementalHash.CreateHash(algorithm);
        again.AppendData(stackalloc byte[8]);
        again.AppendData(hash);
        again.AppendData(block[(zeros + 1)..]);
        return again.GetHashAndReset().AsSpan().SequenceEqual(proof);
    }

    // MGF1 (RFC 8017 appendix B.2.1): hashes over the seed and a counter, one after the other.
    private static void Unmask(Span<byte> block, ReadOnlySpan<byte> seed, HashAlgorithmName algorithm)
    {
        using var mask = IncrementalHash.CreateHash(algorithm);
        Span<byte> counter = stackalloc byte[4];
        for (int number = 0; !block.IsEmpty; number++)
        {
            BinaryPrimitives.WriteInt32BigEndian(counter, number);
            mask.AppendData(seed);
            mask.AppendData(counter);
            byte[] piece = mask.GetHashAndReset();
            int length = Math.Min(piece.Length, block.Length);
            for (int i = 0; i < length; i++) block[i] ^= piece[i];
            block = block[length..];
        }
    }
}
