using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Evaluates peers by <see cref="PeerVerifier"/>, and remembers for a minute whom it accepted: path validation is a pure function
/// of the bytes shown, and costs a third of what a whole handshake costs. Only an identical chain is recognised, and a
/// refusal is never remembered. What can change from one moment to the next, such as revocation, is not for this class.
/// </summary>
/// <param name="roots">The only roots that are trusted.</param>
/// <param name="role">The peer's side of the handshake.</param>
/// <param name="expectedName">DNS name or IP address that a server must have; null to ask for none.</param>
/// <param name="policy">Whether old certificates are let off some of the rules.</param>
/// <param name="clock">Counts the minute, monotonic, and says what day it is; null for the system's.</param>
/// <param name="capacity">The most chains that are remembered, count.</param>
/// <param name="maxChainBytes">The largest size of all certificates of a peer together that is looked at, bytes; 0 for no limit.</param>
/// <param name="intermediates">What completes the chain of a peer that resumes its session; null for one of its own.</param>
/// <param name="partialChain">The chain may end at any of the roots, also at one that another CA issued.</param>
internal sealed class VerdictMemory(
    X509Certificate2Collection roots,
    PeerRole role,
    string? expectedName,
    TlsPolicy policy,
    TimeProvider? clock = null,
    int capacity = 4096,
    int maxChainBytes = 0,
    KnownIntermediates? intermediates = null,
    bool partialChain = false)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<Digest, Accepted> _accepted = new();
    private readonly KnownIntermediates _intermediates = intermediates ?? new KnownIntermediates(clock);

    private readonly Lazy<HashSet<Digest>> _roots = new(() => [.. roots.Select(Digest.OfAuthority)]);

    /// <param name="certificate">The peer's certificate; null if it showed none.</param>
    /// <param name="sent">Intermediates the peer sent along.</param>
    public PeerVerdict Evaluate(X509Certificate2? certificate, X509Certificate2Collection sent)
    {
        if (certificate is null) return Verify(null, sent);
        // Bytes that a certificate has once shown it keeps, and SslStream keeps the certificate: so another object shows them.
        using var shown = new X509Certificate2(certificate.Handle);
        int bytes = CountBytes(shown, sent);
        if (maxChainBytes > 0 && bytes > maxChainBytes) return TooLarge(bytes);
        Digest digest = Digest.OfChain(shown, sent, bytes);
        if (_accepted.TryGetValue(digest, out Accepted known) && StillHolds(known)) return known.Verdict;

        PeerVerdict verdict = Verify(shown, sent);
        bool isAlone = sent.All(c => c.Equals(shown));
        if (isAlone && PathSearch.MayMend(verdict)) verdict = VerifyResumed(shown, verdict);
        if (verdict.Peer is not { } peer) return verdict;
        _intermediates.Learn(peer);
        // Rarer than any bookkeeping that would choose what to forget.
        if (_accepted.Count >= capacity) _accepted.Clear();
        _accepted[digest] = new Accepted(_clock.GetTimestamp(), peer, verdict);
        return verdict;
    }

    /// <summary>
    /// True for a peer that is refused for a date alone: before that date, or after it, its path led to a trusted root. No stranger's does.
    /// </summary>
    /// <param name="certificate">The peer's certificate, of a session that was resumed.</param>
    /// <param name="refusal">Why it is refused.</param>
    public bool WasAcceptable(X509Certificate2 certificate, CertificateProblem refusal)
    {
        var aside = TimeSpan.FromSeconds(1);
        if (refusal is not { Fault: CertificateFault.Expired or CertificateFault.NotYetValid, Date: { } date }) return false;
        DateTimeOffset then = refusal.Fault == CertificateFault.Expired ? date - aside : date + aside;
        using var shown = new X509Certificate2(certificate.Handle);
        X509Certificate2Collection above = _intermediates.Above(shown, _roots.Value);
        PeerVerdict verdict = PeerVerifier.Verify(shown, above, roots, role, expectedName, then.UtcDateTime, policy, partialChain);
        foreach (X509Certificate2 c in above) c.Dispose();
        return verdict.Accepted;
    }

    // Both ends of the validity: the wall clock may have been set back since.
    private bool StillHolds(Accepted known) =>
        _clock.GetElapsedTime(known.At) < Lasts && known.Peer.Validity.Contains(_clock.GetUtcNow());

    private static int CountBytes(X509Certificate2 certificate, X509Certificate2Collection sent) =>
        certificate.RawDataMemory.Length + sent.Sum(c => c.RawDataMemory.Length);

    private PeerVerdict TooLarge(int bytes) =>
        new(new CertificateProblem(CertificateFault.ChainTooLarge) { Bytes = bytes, Limit = maxChainBytes });

    private PeerVerdict Verify(X509Certificate2? certificate, X509Certificate2Collection sent) =>
        PeerVerifier.Verify(certificate, sent, roots, role, expectedName, _clock.GetUtcNow().UtcDateTime, policy, partialChain);

    private PeerVerdict VerifyResumed(X509Certificate2 certificate, PeerVerdict alone)
    {
        X509Certificate2Collection above = _intermediates.Above(certificate, _roots.Value);
        PeerVerdict verdict = above.Count == 0 ? alone : Verify(certificate, above);
        foreach (X509Certificate2 c in above) c.Dispose();
        return verdict;
    }

    private readonly record struct Accepted(long At, PeerIdentity Peer, PeerVerdict Verdict);
}
