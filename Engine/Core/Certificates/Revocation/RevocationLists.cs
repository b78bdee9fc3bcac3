using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>What is done with a peer of whom no revocation list can tell.</summary>
public enum MissingList
{
    /// <summary>It is refused; the default.</summary>
    Refuse = 0,

    /// <summary>It is let in. One that a list names is refused all the same.</summary>
    Allow,
}

/// <summary>
/// The revocation lists of a moment. Immutable but for one thing: a list of a CA that is only known once a peer has shown it is
/// verified then. Asking is a lookup by issuer and serial number, without a certificate and without path validation.
/// </summary>
public sealed class RevocationLists
{
    // Only CAs below a trusted root get here, and those are few.
    private const int MaxAuthorities = 1024;

    private readonly IReadOnlyList<RevocationList> _lists;
    private readonly MissingList _missing;
    private readonly Lock _lock = new();

    // Replaced under the lock with Volatile.Write, which pairs with the Volatile.Read of ListsOf: who sees a dictionary sees all of it.
    private ImmutableDictionary<Digest, AuthorityLists> _byIssuer;

    private RevocationLists(
        IReadOnlyList<RevocationList> lists, ImmutableDictionary<Digest, AuthorityLists> byIssuer, MissingList missing) =>
        (_lists, _byIssuer, _missing) = (lists, byIssuer, missing);

    /// <summary>How many lists there are.</summary>
    public int Count => _lists.Count;

    /// <summary>How many serial numbers are on them.</summary>
    public int Entries => _lists.Sum(l => l.Serials.Count);

    /// <summary>When the first of them is stale; null where there is none.</summary>
    public DateTimeOffset? NextUpdate => _lists.Count == 0 ? null : _lists.Min(l => l.NextUpdate);

    // Their CA was not among those known when they were read.
    private IReadOnlyList<RevocationList> Unclaimed { get; init; } = [];

    /// <summary>
    /// What whoever runs the service should know of the lists: those of an unknown CA, those that are stale, and those that leave a part of
    /// their CA's certificates to others that are not there.
    /// </summary>
    /// <param name="now">The moment at which the lists must be fresh.</param>
    public IReadOnlyList<RevocationListWarning> WarningsAt(DateTimeOffset now) =>
    [
        .. Unclaimed.Select(l => Warn(RevocationListDoubt.UnknownIssuer, l)),
        .. _lists.Where(l => l.NextUpdate < now).Select(l => Warn(RevocationListDoubt.Stale, l)),
        .. _lists.GroupBy(l => l.Issuer).Where(IsPartial).Select(g => Warn(RevocationListDoubt.Partial, g.First())),
    ];

    /// <summary>Reads lists and verifies each with the CAs known so far.</summary>
    /// <param name="files">PEM files with one or more lists, or DER files with one.</param>
    /// <param name="authorities">The trusted roots, and intermediates if any are known.</param>
    /// <param name="missing">What to do where no list can tell.</param>
    /// <param name="onUnusable">
    /// Takes why a file is of no use, and the file is left out; null (the default) to load nothing then.
    /// </param>
    /// <exception cref="CertificateFileException">
    /// A file is of no use: missing, damaged, of a kind that is not relied on, or signed by another key than that of the CA it names.
    /// </exception>
    public static RevocationLists Load(
        IEnumerable<string> files,
        X509Certificate2Collection authorities,
        MissingList missing = MissingList.Refuse,
        Action<CertificateFileException>? onUnusable = null) =>
        Load(files.Select(f => (Func<FileContent>)(() => FileContent.Read(f))), authorities, missing, onUnusable);

    /// <summary>Verifies lists that were read, each with the CAs known so far.</summary>
    /// <param name="files">PEM with one or more lists, or DER with one.</param>
    /// <param name="authorities">The trusted roots, and intermediates if any are known.</param>
    /// <param name="missing">What to do where no list can tell.</param>
    /// <param name="onUnusable">
    /// Takes why a file is of no use, and the file is left out; null (the default) to load nothing then.
    /// </param>
    /// <exception cref="CertificateFileException">
    /// A file is of no use: damaged, of a kind that is not relied on, or signed by another key than that of the CA it names.
    /// </exception>
    public static RevocationLists Load(
        IEnumerable<FileContent> files,
        X509Certificate2Collection authorities,
        MissingList missing = MissingList.Refuse,
        Action<CertificateFileException>? onUnusable = null) =>
        Load(files.Select(f => (Func<FileContent>)(() => f)), authorities, missing, onUnusable);

    private static RevocationLists Load(
        IEnumerable<Func<FileContent>> files,
        X509Certificate2Collection authorities,
        MissingList missing,
        Action<CertificateFileException>? onUnusable)
    {
        Authority[] known = [.. authorities.Select(Authority.Of)];
        ILookup<Digest, Authority> byName = known.ToLookup(a => a.Name);
        var lists = new List<SignedList>();
        foreach (Func<FileContent> file in files)
        {
            try
            {
                lists.AddRange(ReadFile(file(), byName));
            }
            catch (CertificateFileException e) when (onUnusable is not null)
            {
                onUnusable(e);
            }
        }

        ILookup<Digest, RevocationList> bySigner =
            lists.SelectMany(l => l.Signers.Select(s => (Signer: s, l.List))).ToLookup(s => s.Signer, s => s.List);
        ImmutableDictionary<Digest, AuthorityLists> byIssuer =
            known.Select(a => a.Id).Distinct().ToImmutableDictionary(id => id, id => AuthorityLists.Of(bySigner[id]));
        return new RevocationLists([.. lists.Select(l => l.List)], byIssuer, missing)
        {
            Unclaimed = [.. lists.Where(l => l.Signers.Length == 0).Select(l => l.List)],
        };
    }

    /// <summary>Asks for a peer and the CAs above it.</summary>
    /// <param name="peer">A peer that <see cref="PeerVerifier"/> has accepted.</param>
    /// <param name="now">The moment at which the lists must be fresh.</param>
    public PeerVerdict Evaluate(PeerIdentity peer, DateTimeOffset now)
    {
        if (peer.Path.IsEmpty && _missing == MissingList.Refuse)
            return Unknown(peer.Subject, RevocationGap.OwnRoot);
        foreach (PathCertificate certificate in peer.Path)
        {
            PeerVerdict verdict = Evaluate(certificate, now);
            if (!verdict.Accepted) return verdict;
        }

        return PeerVerdict.Good;
    }

    /// <summary>Asks whether a list names the peer or a CA above it, be it stale; a missing one names nobody.</summary>
    internal bool Names(PeerIdentity peer, DateTimeOffset now)
    {
        foreach (PathCertificate certificate in peer.Path)
        {
            if (ListsOf(certificate).Name(certificate, now)) return true;
        }

        return false;
    }

    private PeerVerdict Evaluate(PathCertificate certificate, DateTimeOffset now)
    {
        AuthorityLists lists = ListsOf(certificate);
        if (lists.Name(certificate, now))
            return new(new CertificateProblem(CertificateFault.Revoked) { Subject = certificate.Subject });
        if (_missing == MissingList.Allow) return PeerVerdict.Good;
        RevocationGap gap = lists.FindGap(certificate, now, out DateTimeOffset? date);
        return gap == RevocationGap.None ? PeerVerdict.Good : Unknown(certificate.Subject, gap, date);
    }

    private static PeerVerdict Unknown(string subject, RevocationGap gap, DateTimeOffset? date = null) =>
        new(new CertificateProblem(CertificateFault.RevocationUnknown) { Subject = subject, Gap = gap, Date = date });

    private AuthorityLists ListsOf(PathCertificate certificate)
    {
        if (Volatile.Read(ref _byIssuer).TryGetValue(certificate.Issuer, out AuthorityLists? lists)) return lists;
        if (certificate.IssuerCertificate is not { } bytes || _lists.Count == 0) return AuthorityLists.None;
        using X509Certificate2 issuer = X509CertificateLoader.LoadCertificate(bytes);
        Digest name = DistinguishedName.DigestOf(issuer.SubjectName);
        lists = AuthorityLists.Of(_lists.Where(l => l.Issuer == name && l.Signature.IsBy(issuer)));
        lock (_lock)
        {
            if (_byIssuer.Count < MaxAuthorities) Volatile.Write(ref _byIssuer, _byIssuer.SetItem(certificate.Issuer, lists));
        }

        return lists;
    }

    private static bool IsPartial(IEnumerable<RevocationList> listsOfOne)
    {
        ListedKind[] whole = [.. listsOfOne.Select(l => l.Scope).Where(s => s is { Reasons: null, Points: null }).Select(s => s.Kind)];
        bool isComplete = whole.Contains(ListedKind.Any) || (whole.Contains(ListedKind.EndEntity) && whole.Contains(ListedKind.Authority));
        return !isComplete;
    }

    private static RevocationListWarning Warn(RevocationListDoubt doubt, RevocationList list) => new(doubt, NameOf(list), list.NextUpdate);

    private static SignedList[] ReadFile(FileContent file, ILookup<Digest, Authority> authorities)
    {
        SignedList[] lists = [.. RevocationListFile.Read(file).Select(l => new SignedList(l, FindSigners(l, authorities)))];
        // The CA that it names is known, and did not sign it.
        SignedList forged = Array.Find(lists, l => l.Signers.Length == 0 && authorities.Contains(l.List.Issuer));
        return forged.List is null ? lists : throw NotSigned(file.Name, forged.List);
    }

    private static Digest[] FindSigners(RevocationList list, ILookup<Digest, Authority> authorities) =>
        [.. authorities[list.Issuer].Where(a => list.Signature.IsBy(a.Certificate)).Select(a => a.Id).Distinct()];

    private static CertificateFileException NotSigned(string file, RevocationList list) =>
        new(file, CertificateFileProblem.UnusableRevocationList)
        {
            RevocationList = RevocationListProblem.NotSigned,
            Issuer = NameOf(list),
        };

    private static string NameOf(RevocationList list)
    {
        try
        {
            return new X500DistinguishedName(list.IssuerName).Name;
        }
        catch (CryptographicException)
        {
            return "a name that cannot be read";
        }
    }

    /// <summary>A list and the CAs that have signed it, of those that are known.</summary>
    private readonly record struct SignedList(RevocationList List, Digest[] Signers);

    /// <summary>A CA that is known, by its name and by name and key together.</summary>
    private readonly record struct Authority(Digest Name, Digest Id, X509Certificate2 Certificate)
    {
        public static Authority Of(X509Certificate2 certificate) =>
            new(DistinguishedName.DigestOf(certificate.SubjectName), Digest.OfAuthority(certificate), certificate);
    }
}
