using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>Lets X509Chain build a path, and evaluates it. A part of <see cref="PeerVerifier"/>.</summary>
internal static class PathBuilder
{
    /// <summary>Builds the path that X509Chain finds first.</summary>
    /// <param name="question">What it has to answer.</param>
    /// <param name="intermediates">What may stand between; looked at, never trusted.</param>
    /// <param name="roots">The only roots that are trusted.</param>
    /// <param name="path">The thumbprints of the path that was found; empty when the platform threw.</param>
    public static PeerVerdict Build(
        PeerQuestion question, X509Certificate2Collection intermediates, X509Certificate2Collection roots, out string[] path)
    {
        path = [];
        using var chain = new X509Chain();
        try
        {
            chain.ChainPolicy = CreatePolicy(roots);
            chain.ChainPolicy.ExtraStore.AddRange(intermediates);
            // Of two CAs of one name X509Chain prefers the one that is valid then.
            chain.ChainPolicy.VerificationTime = question.Moment.UtcDateTime;
            chain.Build(question.Certificate);
            ChainPath built = question.PartialChain ? ChainPath.UpTo(roots, chain) : ChainPath.Of(chain);
            path = [.. built.Certificates.Select(c => c.Thumbprint)];
            return Evaluate(question, chain, built);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The platform throws what it likes at bytes that it does not like. Whatever it is, nobody is let in by it.
            return new(new CertificateProblem(CertificateFault.Malformed) { Detail = e.Message });
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        }
    }

    // No application policy: X509Chain does not know that a CA for any purpose is one for ours (PathRules asks for the purposes).
    private static X509ChainPolicy CreatePolicy(X509Certificate2Collection roots)
    {
        X509ChainPolicy policy = PeerVerifier.CreateEmptyPolicy();
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static PeerVerdict Evaluate(PeerQuestion question, X509Chain chain, ChainPath built)
    {
        // Of several faults the one that says most goes into the log: that nobody vouches for the peer comes before what its
        // certificate lacks, and that before what X509Chain says of the same.
        X509Certificate2 certificate = question.Certificate;
        CertificateProblem? leaf = LeafRules.Evaluate(certificate, question.Role, out WaivedRules broken);
        CertificateProblem? path = PathRules.Evaluate(chain, built, question.Role, question.Moment);
        bool pathComesFirst =
            path?.Fault is not (CertificateFault.WrongPurpose or CertificateFault.WeakKey or CertificateFault.WeakSignature);
        if ((pathComesFirst ? path ?? leaf : leaf ?? path) is { } problem) return new(problem);
        if (built.Certificates.Length == 1) broken |= WaivedRules.OwnRoot;
        if (question.ExpectedName is { } name && LeafRules.EvaluateName(certificate, name, question.Role, ref broken) is { } mismatch)
            return new(mismatch);
        if (broken != WaivedRules.None && question.Policy == TlsPolicy.Strict)
            return new(LeafRules.Refuse(certificate, question.Role, broken) with { Position = 0 });
        return PeerVerdict.Good with { Waived = broken, Peer = PeerIdentity.Of(certificate, built.Certificates) };
    }
}
