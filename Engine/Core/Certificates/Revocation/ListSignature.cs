using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// The signature of a revocation list, for which .NET has no API. Of what was signed its hash is kept: a list may have to wait for its CA.
/// </summary>
internal sealed class ListSignature
{
    private readonly SignatureAlgorithm? _algorithm;
    private readonly byte[] _hash;
    private readonly byte[] _signature;

    private ListSignature(SignatureAlgorithm? algorithm, byte[] hash, byte[] signature) =>
        (_algorithm, _hash, _signature) = (algorithm, hash, signature);

    /// <param name="data">What the signature is over.</param>
    /// <param name="algorithm">AlgorithmIdentifier in DER.</param>
    /// <param name="signature">The signature.</param>
    public static ListSignature Over(ReadOnlySpan<byte> data, ReadOnlyMemory<byte> algorithm, byte[] signature)
    {
        SignatureAlgorithm? read = ReadAlgorithm(algorithm);
        return new ListSignature(read, read is { } known ? CryptographicOperations.HashData(known.Hash, data) : [], signature);
    }

    /// <summary>True when the list can only be of a CA that has its name: allowed to sign lists, and its key made the signature.</summary>
    public bool IsBy(X509Certificate2 authority)
    {
        try
        {
            // RFC 5280 section 6.3.3 (f). Certificates without key usage are not limited.
            bool maySign = authority.Extensions.OfType<X509KeyUsageExtension>().All(u => u.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign));
            return maySign && _algorithm is { } algorithm && algorithm.IsBy(authority, _hash, _signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static SignatureAlgorithm? ReadAlgorithm(ReadOnlyMemory<byte> identifier)
    {
        try
        {
            return SignatureAlgorithm.Read(identifier);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
