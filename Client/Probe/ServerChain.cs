using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Probe;

/// <summary>The certificates that a server showed, and what the Engine's verifier says of them.</summary>
internal sealed class ServerChain
{
    private ServerChain(X509Certificate2 leaf, X509Certificate2Collection sent, TlsMaterial tls, string name)
    {
        Leaf = leaf;
        Intermediates = sent;
        Verdict = PeerVerifier.Verify(
            leaf, sent, tls.TrustedRoots, PeerRole.Server, name, policy: tls.Policy, partialChain: tls.PartialChain);
        string? root = Verdict.Peer?.Root;
        if (Verdict is { Accepted: true, Peer: { } peer }) Verdict = tls.Admission.Evaluate(peer, DateTimeOffset.UtcNow);
        Root = Verdict.Accepted ? root : null;
        Faults = Verdict.Problem is { } problem ? Examine(problem, leaf, sent, tls, name) : [];
    }

    /// <summary>The server's own certificate.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What it sent along, in its order.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>What decides: the first fault, or none.</summary>
    public PeerVerdict Verdict { get; }

    /// <summary>Everything that is wrong, the deciding fault first.</summary>
    public IReadOnlyList<CertificateProblem> Faults { get; }

    /// <summary>The distinguished name of the trusted root that the chain leads to; null when it was refused.</summary>
    public string? Root { get; }

    /// <summary>Takes certificates in DER, the leaf first. What cannot be read as a certificate is left out.</summary>
    /// <returns>Null when the leaf cannot be read.</returns>
    public static ServerChain? Of(IEnumerable<byte[]> certificates, ProbeSettings settings)
    {
        X509Certificate2?[] read = [.. certificates.Select(Read)];
        if (read is not [{ } leaf, ..]) return null;
        X509Certificate2Collection sent =
            [.. read.OfType<X509Certificate2>().Where(c => !c.RawData.AsSpan().SequenceEqual(leaf.RawData)).ToArray()];
        return new ServerChain(leaf, sent, settings.Tls, settings.ServerName);
    }

    // A verdict stops at the first fault. The others come to light when that one is taken out of the way: the chain and its
    // dates by asking for the leaf alone, the dates by asking for a moment at which every certificate is valid.
    private static List<CertificateProblem> Examine(
        CertificateProblem first, X509Certificate2 leaf, X509Certificate2Collection sent, TlsMaterial tls, string name)
    {
        List<CertificateProblem> faults = [first];
        Add(PeerVerifier.EvaluateOwn(leaf, PeerRole.Server, tls.Policy).Problem);
        if (Between([.. sent.Append(leaf).Select(ValidityPeriod.TryRead).OfType<ValidityPeriod>()]) is { } moment)
        {
            PeerVerdict then = PeerVerifier.Verify(
                leaf, sent, tls.TrustedRoots, PeerRole.Server, name, moment, tls.Policy, tls.PartialChain);
            Add(then.Problem);
        }

        // Whose names cannot be read is told of that.
        if (NamesOf(leaf) is { } names && !IsMadeFor(leaf, name))
            Add(new(CertificateFault.NameMismatch) { ExpectedName = name, Names = names });
        return faults;

        void Add(CertificateProblem? problem)
        {
            if (problem is not null && faults.TrueForAll(f => f.Fault != problem.Fault)) faults.Add(problem);
        }
    }

    // A moment at which all of them are valid; null when there is none.
    private static DateTime? Between(ValidityPeriod[] periods)
    {
        if (periods.Length == 0) return null;
        DateTimeOffset from = periods.Max(p => p.From), until = periods.Min(p => p.Until);
        return from < until ? (from + ((until - from) / 2)).UtcDateTime : null;
    }

    private static string[]? NamesOf(X509Certificate2 leaf)
    {
        try
        {
            return [.. PeerVerifier.SubjectNames(leaf)];
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool IsMadeFor(X509Certificate2 leaf, string name)
    {
        try
        {
            return leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Names that cannot be read are nobody's.
            return false;
        }
    }

    private static X509Certificate2? Read(byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
