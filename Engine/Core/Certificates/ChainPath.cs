using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>The path that X509Chain has built, from the peer's certificate to the one that is trusted, and what it says of it.</summary>
/// <param name="Certificates">The peer's first. They belong to the chain.</param>
/// <param name="Status">What is wrong with any of them.</param>
internal sealed record ChainPath(X509Certificate2[] Certificates, X509ChainStatusFlags Status)
{
    /// <summary>The whole chain: X509Chain trusts roots alone.</summary>
    public static ChainPath Of(X509Chain chain) => new(
        [.. chain.ChainElements.Select(e => e.Certificate)],
        chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status));

    /// <summary>
    /// The chain up to the first certificate that is trusted, as X509_V_FLAG_PARTIAL_CHAIN of OpenSSL has it: what comes above it, whoever
    /// sent it, does not count. The whole chain where none is trusted.
    /// </summary>
    public static ChainPath UpTo(X509Certificate2Collection trusted, X509Chain chain)
    {
        const X509ChainStatusFlags endless = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        X509ChainElement[] elements = [.. chain.ChainElements];
        int end = Array.FindIndex(elements, e => trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)));
        if (end < 0) return Of(chain);
        X509ChainElement[] path = elements[..(end + 1)];
        X509ChainStatusFlags status = path
            .SelectMany(e => e.ChainElementStatus)
            .Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        return new ChainPath([.. path.Select(e => e.Certificate)], status & ~endless);
    }
}
