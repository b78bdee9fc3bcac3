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

    // Replaced under the lock with Volatile.Write, which pairs with the Volatile.Read of ListOf: who sees a dictionary sees all of it.
    private ImmutableDictionary<Digest, RevocationList?> _byIssuer;

    private RevocationLists(
        IReadOnlyList<RevocationList> lists, ImmutableDictionary<Digest, RevocationList?> byIssuer, MissingList missing) =>
        (_lists, _byIssuer, _missing) = (lists, byIssuer, missing);

    /// <summary>How many lists there are.</summary>
    public int Count => _lists.Count;

    /// <summary>How many serial numbers are on them.</summary>
    public int Entries => _lists.Sum(l => l.Serials.Count);

    /// <summary>When the first of them is stale; null where there is none.</summary>
    public DateTimeOffset? NextUpdate => _lists.Count == 0 ? null : _lists.Min(l => l.NextUpdate);

    // Their CA was not among those known when they were read.
    private IReadOnlyList<RevocationList> Unclaimed { get; init; } = [];

    /// <summary>What whoever runs the service should know of the lists: those of an unknown CA, and those that are stale.</summary>
    /// <param name="now">The moment at which the lists must be fresh.</param>
    public IReadOnlyList<RevocationListWarning> WarningsAt(DateTimeOffset now) =>
    [
        .. Unclaimed.Select(l => new RevocationListWarning(RevocationListDoubt.UnknownIssuer, NameOf(l), l.NextUpdate)),
        .. _lists.Where(l => l.NextUpdate < now).Select(l => new RevocationListWarning(RevocationListDoubt.Stale, NameOf(l), l.NextUpdate)),
    ];

    /// <summary>Reads lists and verifies each with the CAs known so far.</summary>
    /// <param name="files">PEM files with one or more lists, or DER files with one.</param>
    /// <param name="authorities">The trusted roots, and intermediates if any are known.</param>
    /// <param name="missing">What to do where no list can tell.</param>
    /// <exception cref="CertificateFileException">
    /// A file is of no use: missing, damaged, of a kind that is not relied on, or signed by another key than that of the CA it names.
    /// </exception>
    public static RevocationLists Load(
        IEnumerable<string> files, X509Certificate2Collection authorities, MissingList missing = MissingList.Refuse) =>
        Load(files.Select(f => FileContent.Read(f)), authorities, missing);

    /// <summary>Verifies lists that were read, each with the CAs known so far.</summary>
    /// <param name="files">PEM with one or more lists, or DER with one.</param>
    /// <param name="authorities">The trusted roots, and intermediates if any are known.</param>
    /// <param name="missing">What to do where no list can tell.</param>
    /// <exception cref="CertificateFileException">
    /// A file is of no use: damaged, of a kind that is not relied on, or signed by another key than that of the CA it names.
    /// </exception>
    public static RevocationLists Load(
        IEnumerable<FileContent> files, X509Certificate2Collection authorities, MissingList missing = MissingList.Refuse)
    {
        var lists = new List<RevocationList>();
        var unknown = new List<RevocationList>();
        foreach (FileContent file in files)
        {
            foreach (RevocationList list in RevocationListFile.Read(file))
            {
                X509Certificate2[] named = [.. authorities.Where(a => a.SubjectName.RawData.AsSpan().SequenceEqual(list.IssuerName.Span))];
                if (named.Length == 0) unknown.Add(list);
                else if (!named.Any(a => RevocationListSignature.IsBy(a, list)))
                {
                    throw new CertificateFileException(file.Name, CertificateFileProblem.UnusableRevocationList)
                    {
                        RevocationList = RevocationListProblem.NotSigned,
                        Issuer = NameOf(list),
                    };
                }

                lists.Add(list);
            }
        }

        var byIssuer = ImmutableDictionary.CreateBuilder<Digest, RevocationList?>();
        foreach (X509Certificate2 authority in authorities) byIssuer[Digest.OfAuthority(authority)] = Newest(lists, authority);
        return new RevocationLists(lists, byIssuer.ToImmutable(), missing) { Unclaimed = unknown };
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

    /// <summary>Asks whether a list names the peer or a CA above it; a list that is stale or missing names nobody.</summary>
    internal bool Names(PeerIdentity peer) => peer.Path.Any(c => ListOf(c)?.Serials.Contains(c.Serial) == true);

    private PeerVerdict Evaluate(PathCertificate certificate, DateTimeOffset now)
    {
        RevocationList? list = ListOf(certificate);
        if (list?.Serials.Contains(certificate.Serial) == true)
            return new(new CertificateProblem(CertificateFault.Revoked) { Subject = certificate.Subject });
        if (_missing == MissingList.Allow) return PeerVerdict.Good;
        if (list is null) return Unknown(certificate.Subject, RevocationGap.NoList);
        if (now > list.NextUpdate) return Unknown(certificate.Subject, RevocationGap.Stale, list.NextUpdate);
        return now < list.ThisUpdate ? Unknown(certificate.Subject, RevocationGap.NotYetValid, list.ThisUpdate) : PeerVerdict.Good;
    }

    private static PeerVerdict Unknown(string subject, RevocationGap gap, DateTimeOffset? date = null) =>
        new(new CertificateProblem(CertificateFault.RevocationUnknown) { Subject = subject, Gap = gap, Date = date });

    private RevocationList? ListOf(PathCertificate certificate)
    {
        if (Volatile.Read(ref _byIssuer).TryGetValue(certificate.Issuer, out RevocationList? list)) return list;
        if (certificate.IssuerCertificate is not { } bytes || _lists.Count == 0) return null;
        using X509Certificate2 issuer = X509CertificateLoader.LoadCertificate(bytes);
        list = Newest(_lists, issuer);
        lock (_lock)
        {
            if (_byIssuer.Count < MaxAuthorities) Volatile.Write(ref _byIssuer, _byIssuer.SetItem(certificate.Issuer, list));
        }

        return list;
    }

    private static RevocationList? Newest(IEnumerable<RevocationList> lists, X509Certificate2 authority) =>
        lists.Where(l => RevocationListSignature.IsBy(authority, l)).MaxBy(l => l.ThisUpdate);

    private static string NameOf(RevocationList list)
    {
        try
        {
            return new X500DistinguishedName(list.IssuerName.Span).Name;
        }
        catch (CryptographicException)
        {
            return "a name that cannot be read";
        }
    }
}
