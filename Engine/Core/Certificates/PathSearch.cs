using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Looks for another path where the first one that X509Chain found is refused: it takes one issuer of a name, and does not come back for
/// the next one (RFC 4158). CAs that are renewed, cross-signed or sent in a wrong copy have several. Bounded, because a stranger can send
/// what makes the search long; without another CA of a name that is asked for it ends at once.
/// </summary>
internal sealed class PathSearch
{
    private const int MostChains = 16, MostSignatures = 32, MostSteps = 256;

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    private readonly PeerQuestion _question;
    private readonly string[] _refused;
    private readonly Candidate[] _candidates;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<X509Certificate2> _path;
    private readonly Dictionary<(X509Certificate2 Issuer, X509Certificate2 Issued), bool> _signed = [];
    private PeerVerdict _best;
    private PathProgress _progress;
    private int _chains, _signatures, _steps;

    /// <param name="question">What a path has to answer.</param>
    /// <param name="sent">Intermediates that the peer sent.</param>
    /// <param name="roots">Trusted roots, and intermediates beside them.</param>
    /// <param name="first">Why the first path was refused.</param>
    /// <param name="refused">That path, by its thumbprints.</param>
    public PathSearch(
        PeerQuestion question, X509Certificate2Collection sent, X509Certificate2Collection roots, PeerVerdict first, string[] refused)
    {
        (_question, _refused, _best, _progress) = (question, refused, first, PathProgress.Of(first.Problem!));
        _path = [question.Certificate];
        _candidates =
        [
            .. roots.Select(c => new Candidate(c, IsAnchor: question.PartialChain || IsSelfIssued(c)))
                .Concat(sent.Select(c => new Candidate(c, IsAnchor: false)))
                .DistinctBy(c => c.Certificate.Thumbprint),
        ];
    }

    /// <summary>True when the fault may be one of the path, and not of the peer's own certificate.</summary>
    public static bool MayMend(PeerVerdict refusal) => refusal.Problem is { } problem
        && (problem.Position != 0 || problem.Fault is CertificateFault.UntrustedIssuer or CertificateFault.BadSignature
            or CertificateFault.InvalidChain);

    /// <summary>Searches.</summary>
    /// <returns>The verdict of a path that is good, or else of the one that came furthest.</returns>
    public PeerVerdict Run()
    {
        Extend();
        return _best;
    }

    // True when it is over.
    private bool Extend()
    {
        X509Certificate2 last = _path[^1];
        Digest issuerName = DistinguishedName.DigestOf(last.IssuerName);
        Candidate[] issuers = [.. _candidates.Where(c => c.Name == issuerName && !IsInPath(c.Certificate))];
        if (issuers.Length == 0 && !IsSelfIssued(last))
            Note(new CertificateProblem(CertificateFault.UntrustedIssuer) { Issuer = last.Issuer, Position = _path.Count - 1 });
        // Those without a fault of their own first; a trusted one before one that leads to it.
        foreach (Candidate issuer in issuers.OrderBy(i => i.IsFaulty(_question.Moment)).ThenBy(i => !i.IsAnchor))
        {
            if (IsOver()) return true;
            if (!IsSigned(issuer.Certificate, last))
            {
                Note(PathRules.BadSignature(_path, _path.Count - 1));
                continue;
            }

            _path.Add(issuer.Certificate);
            if (issuer.IsAnchor ? Accept() : _path.Count < PeerVerifier.MaxChainLength && Extend()) return true;
            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    private bool IsOver() => ++_steps > MostSteps || _chains >= MostChains || _signatures >= MostSignatures
        || Stopwatch.GetElapsedTime(_start) > Longest;

    // A path that leads to a root.
    private bool Accept()
    {
        if (_path.Select(c => c.Thumbprint).SequenceEqual(_refused)) return false;
        if (PathRules.EvaluateEach(_path, _question.Moment) is { } fault)
        {
            Note(fault);
            return false;
        }

        _chains++;
        // These certificates and no others: so it can only take this path.
        PeerVerdict verdict = PathBuilder.Build(_question, [.. _path.Take(1..^1)], [_path[^1]], out string[] _);
        if (verdict.Problem is not { } problem)
        {
            _best = verdict;
            return true;
        }

        Note(problem.Fault == CertificateFault.UntrustedIssuer ? PathRules.NotTaken(_path, problem.Position ?? 0) : problem);
        return false;
    }

    private void Note(CertificateProblem problem)
    {
        PathProgress progress = PathProgress.Of(problem);
        if (progress.CompareTo(_progress) <= 0) return;
        _progress = progress;
        _best = new(problem);
    }

    private bool IsSigned(X509Certificate2 issuer, X509Certificate2 issued)
    {
        if (_signed.TryGetValue((issuer, issued), out bool known)) return known;
        _signatures++;
        return _signed[(issuer, issued)] = CertificateSignature.MayBeBy(issuer, issued);
    }

    // The same CA twice, by whatever certificate, leads nowhere that the first time does not.
    private bool IsInPath(X509Certificate2 candidate) => _path.Any(c =>
        DistinguishedName.AreSame(c.SubjectName, candidate.SubjectName)
        && c.GetPublicKey().AsSpan().SequenceEqual(candidate.GetPublicKey()));

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        DistinguishedName.AreSame(certificate.SubjectName, certificate.IssuerName);

    private sealed record Candidate(X509Certificate2 Certificate, bool IsAnchor)
    {
        private bool? _isFaulty;

        public Digest Name { get; } = DistinguishedName.DigestOf(Certificate.SubjectName);

        public bool IsFaulty(DateTimeOffset moment) =>
            _isFaulty ??= FormRules.Evaluate(Certificate) is not null || PathRules.EvaluateDates(Certificate, moment) is not null;
    }
}
