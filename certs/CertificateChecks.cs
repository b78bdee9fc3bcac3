using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;

namespace RawEcho.Certs;

/// <summary>Runs checks, and tells of each: ok, or what is wrong and what to do about it.</summary>
/// <param name="tell">Takes each result.</param>
/// <param name="warningDays">Fewer days left are a problem.</param>
/// <param name="password">For PKCS#12 files and encrypted keys; null for none.</param>
/// <param name="partialChain">A chain may end at any trusted certificate.</param>
internal sealed class CertificateChecks(Action<CheckResult> tell, int warningDays, string? password, bool partialChain = false)
{
    private const string Renew = "Renew it: rawecho-certs renew; or make a whole new set: rawecho-certs create --force";
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Problems found so far.</summary>
    public int Problems { get; private set; }

    /// <summary>Checks the files that <see cref="CertificateSet"/> names.</summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="host">A name that the server must have; null for any.</param>
    /// <exception cref="CertificateFileException">A file is missing, or cannot be read.</exception>
    /// <exception cref="CommandException">A file holds no certificate.</exception>
    public void Set(string directory, string? host)
    {
        string InSet(string name) => Path.Combine(directory, name);
        string ca = InSet(CertificateSet.CaCertificate);
        (string Certificate, string Key, string Pfx, PeerRole Role, string? Host)[] peers =
        [
            (InSet(CertificateSet.ServerCertificate), InSet(CertificateSet.ServerKey), InSet(CertificateSet.ServerPfx),
                PeerRole.Server, host),
            (InSet(CertificateSet.ClientCertificate), InSet(CertificateSet.ClientKey), InSet(CertificateSet.ClientPfx),
                PeerRole.Client, null),
        ];
        // Before the first line is written: half a report would look like a whole one.
        EnsureThere([ca, .. peers.SelectMany(p => new[] { p.Certificate, p.Key })]);
        IssuedIndex index = IssuedIndex.Read(directory);
        // What was issued for others may be with them by now, or its key.
        peers =
        [
            .. peers,
            .. from other in index.Others()
               where File.Exists(InSet(other.Files.Certificate))
               select (InSet(other.Files.Certificate), InSet(other.Files.Key), InSet(other.Files.Pfx), other.Role, (string?)null),
        ];
        X509Certificate2Collection roots = ReadRoots(ca);
        X509Certificate2Collection[] certificates = [.. peers.Select(p => ReadCertificates(p.Certificate))];

        Roots(ca, roots);
        string list = InSet(CertificateSet.RevocationList);
        if (File.Exists(list)) RevocationList(list, roots, certificates);
        string caKey = InSet(CertificateSet.CaKey);
        if (File.Exists(caKey)) Key(ca, caKey);
        foreach (((string file, string key, string pfx, PeerRole role, string? name), X509Certificate2Collection own)
            in peers.Zip(certificates))
        {
            Peer(file, own, roots, role, name, isIssuedForShort: !InSetOf(file));
            if (index.DoubtOf(Leaf(own)) is { } doubt && doubt.Serial != Leaf(own).SerialNumber)
            {
                string problem = $"{file} has the key of {doubt.Serial}, which was revoked ({doubt.Reason}). {Renew}.";
                Report("revocation", file, false, "", problem);
            }


            if (FileContent.KindOf(key) != FileKind.Missing) Key(file, key);
            if (File.Exists(pfx)) Pfx(file, Leaf(own), pfx);
        }
    }

    private static bool InSetOf(string file) => Path.GetFileName(file) is var name
        && (name == CertificateSet.ServerCertificate || name == CertificateSet.ClientCertificate);

    /// <summary>Checks one certificate.</summary>
    /// <param name="ca">The roots' file.</param>
    /// <param name="file">The certificate's file.</param>
    /// <param name="key">The key's file; null to leave the key alone.</param>
    /// <param name="role">Whose certificate it is.</param>
    /// <param name="host">A name that it must have; null for any.</param>
    /// <exception cref="CertificateFileException">A file is missing, or cannot be read.</exception>
    /// <exception cref="CommandException">A file holds no certificate.</exception>
    public void Single(string ca, string file, string? key, PeerRole role, string? host)
    {
        EnsureThere(key is null ? [ca, file] : [ca, file, key]);
        X509Certificate2Collection roots = ReadRoots(ca);
        X509Certificate2Collection certificates = ReadCertificates(file);

        Roots(ca, roots);
        Peer(file, certificates, roots, role, host);
        if (key is not null) Key(file, key);
        else if (Leaf(certificates).HasPrivateKey) Secrecy(file);
    }

    // Without a fresh list everyone of the CA is refused, so a list that ends soon is as urgent as a certificate that does.
    private void RevocationList(string file, X509Certificate2Collection roots, IEnumerable<X509Certificate2Collection> peers)
    {
        const int daysToAct = 2;
        const string advice = "Make a new one: rawecho-certs crl.";
        try
        {
            RevocationLists lists = RevocationLists.Load([file], roots);
            int days = CertificateText.DaysLeft(lists.NextUpdate!.Value.UtcDateTime, DateTimeOffset.UtcNow);
            string next = CertificateText.Utc(lists.NextUpdate.Value.UtcDateTime);
            string problem = $"{file} {(days < 0 ? "is stale since" : "is due on")} {next}. {advice}";
            string confirmation = $"{file} is signed by its CA, and the next one is due on {next}";
            Report("list", file, days >= daysToAct, confirmation, problem, lists.NextUpdate.Value);
            bool isOwn = lists.WarningsAt(DateTimeOffset.UtcNow).All(w => w.Doubt != RevocationListDoubt.UnknownIssuer);
            Report("list", file, isOwn, $"{file} is of the CA of this set", $"{file} is of another CA. {advice}");
            foreach (X509Certificate2 leaf in peers.Select(Leaf))
            {
                PeerIdentity? peer = PeerVerifier.Verify(leaf, [], roots, PeerRole.Server).Peer
                    ?? PeerVerifier.Verify(leaf, [], roots, PeerRole.Client).Peer;
                PeerVerdict verdict = peer is null ? PeerVerdict.Good : lists.Evaluate(peer, DateTimeOffset.UtcNow);
                if (verdict.Problem is { Fault: CertificateFault.Revoked } revoked)
                    Report("revocation", file, false, "", $"{ProblemText.Of(revoked)} {Renew}.");
            }
        }
        catch (CertificateFileException e)
        {
            Report("list", file, false, "", $"{ProblemText.Of(e)} {advice}");
        }
    }

    private void Roots(string file, X509Certificate2Collection roots)
    {
        foreach (X509Certificate2 root in roots) Remaining(file, root);
    }

    private void Peer(
        string file, X509Certificate2Collection certificates, X509Certificate2Collection roots, PeerRole role, string? host,
        bool isIssuedForShort = false)
    {
        X509Certificate2 leaf = Leaf(certificates);
        string side = role == PeerRole.Server ? "server" : "client";
        PeerVerdict verdict = PeerVerifier.Verify(leaf, [.. certificates.Where(c => c != leaf)], roots, role, partialChain: partialChain);
        Report(
            "accepted", file, verdict.Accepted,
            $"{file} is accepted as a {side}'s certificate",
            $"{file} is refused as a {side}'s: {Describe(verdict)}");
        Remaining(file, leaf, isIssuedForShort);

        if (host is not null)
        {
            verdict = PeerVerifier.Verify(leaf, [.. certificates.Where(c => c != leaf)], roots, role, host, partialChain: partialChain);
            // Any other fault was reported above.
            string problem = $"{file} is refused by those who dial {host}: {Describe(verdict)}";
            if (verdict.Accepted || verdict.Fault == CertificateFault.NameMismatch)
                Report("name", file, verdict.Accepted, $"{file} is for {host}", problem);
        }
        else if (role == PeerRole.Server)
        {
            string names = PeerText.List(Hosts(leaf));
            string problem = $"{file} has no DNS name and no IP address, so every client refuses it. {Renew}.";
            Report("name", file, names.Length > 0, $"{file} is for {names}", problem);
        }
    }

    private void Remaining(string file, X509Certificate2 certificate, bool isIssuedForShort = false)
    {
        if (ValidityPeriod.TryRead(certificate) is not { Until: var end } validity)
        {
            Report("validity", file, false, "", $"{file} cannot be read: its validity dates are malformed. {Renew}.");
            return;
        }

        int days = CertificateText.DaysLeft(end, DateTimeOffset.UtcNow);
        string problem = days < 0
            ? $"expired on {CertificateText.Utc(end)}"
            : $"has {CertificateText.Days(days)} left, fewer than {warningDays}";
        string confirmation = $"{file} has {CertificateText.Days(days)} left, until {CertificateText.Day(end)}";
        if (isIssuedForShort && validity.IsShort && !validity.IsInLastThird(DateTimeOffset.UtcNow))
            Report("validity", file, true, $"{file} is valid until {CertificateText.Utc(end)}", "", end);
        else Report("validity", file, days >= 0 && days >= warningDays, confirmation, $"{file} {problem}. {Renew}.", end);
    }

    private void Key(string certificate, string key)
    {
        try
        {
            TlsIdentity.FromPem(certificate, key, password).Dispose();
            Report("key", key, true, $"{key} is the key of {certificate}", "");
        }
        catch (CertificateFileException e)
        {
            Unusable("key", key, e, certificate);
        }

        Secrecy(key);
    }

    private void Pfx(string file, X509Certificate2 certificate, string pfx)
    {
        if (new FileInfo(pfx).Length == 0)
        {
            Report("pfx", pfx, false, "", $"{pfx} is empty. {Renew}.");
            return;
        }

        try
        {
            using TlsIdentity identity = TlsIdentity.FromPfx(pfx, password);
            Report(
                "pfx", pfx, identity.Certificate.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span),
                $"{pfx} opens and holds the certificate of {file}, with its key",
                $"{pfx} holds another certificate than {file}. Use files of one set. {Renew}.");
        }
        catch (CertificateFileException e)
        {
            Unusable("pfx", pfx, e, file);
        }

        Secrecy(pfx);
    }

    private void Secrecy(string file)
    {
        // What is not there was reported.
        if (FileContent.KindOf(file) == FileKind.Missing) return;
        if (OperatingSystem.IsWindows()) return; // Access control lists rule there.
        // Secrets that are mounted into a container are links to the file that counts.
        string target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        Report(
            "secrecy", file, (File.GetUnixFileMode(target) & Others) == 0,
            $"{file} is readable by its owner alone",
            $"{file} can be read or changed by other users of this machine. Take that away: chmod 600 {file}");
    }

    // What is missing or not permitted says by itself what to do; what cannot be decoded does not.
    private void Unusable(string check, string file, CertificateFileException e, string certificate)
    {
        bool undecodable = e.Problem is CertificateFileProblem.DamagedCertificate or CertificateFileProblem.KeyMismatch
            or CertificateFileProblem.DamagedKey or CertificateFileProblem.DamagedPem or CertificateFileProblem.DamagedPkcs12
            or CertificateFileProblem.NotPkcs12 or CertificateFileProblem.PasswordMissing
            or CertificateFileProblem.WrongPassword;
        string advice = $" Use the file that was made together with {certificate}, and its password if it has one.";
        Report(check, file, false, "", ProblemText.Of(e) + (undecodable ? advice : ""));
    }

    private void Report(string check, string file, bool ok, string confirmation, string problem, DateTimeOffset? until = null)
    {
        if (!ok) Problems++;
        tell(new CheckResult(check, file, ok, ok ? confirmation : problem, until));
    }

    // A certificate whose names cannot be read was refused above.
    private static IReadOnlyCollection<string> Hosts(X509Certificate2 certificate)
    {
        try
        {
            return [.. PeerVerifier.SubjectNames(certificate)];
        }
        catch (CryptographicException)
        {
            return [];
        }
    }

    private static string Describe(PeerVerdict verdict) =>
        verdict.Problem is { } problem ? $"{ProblemText.Of(problem)} {Advice(problem.Fault)}" : "";

    private static string Advice(CertificateFault fault) => fault switch
    {
        CertificateFault.UntrustedIssuer or CertificateFault.BadSignature =>
            "Trust the CA that issued it, or use a certificate of the trusted one.",
        CertificateFault.NotYetValid => "Check the clock of this machine.",
        CertificateFault.WrongPurpose or CertificateFault.AuthorityAsPeer or CertificateFault.WrongKeyUsage =>
            "Use one that was issued for this role.",
        CertificateFault.NameMismatch => "Dial a name that it has, or make a new set with --host NAME (rawecho-certs create --force).",
        _ => $"{Renew}.",
    };

    private static X509Certificate2Collection ReadRoots(string file) => NotEmpty(file, CertificateFile.Read(file, password: null));

    private X509Certificate2Collection ReadCertificates(string file) => NotEmpty(file, CertificateFile.Read(file, password));

    private static X509Certificate2Collection NotEmpty(string file, X509Certificate2Collection certificates) =>
        certificates.Count > 0
            ? certificates
            : throw new CommandException(ExitCode.Certificate, $"{file}: holds a private key and no certificate.");

    // A PKCS#12 file may hold its certificates in any order; in PEM the peer's own comes first.
    private static X509Certificate2 Leaf(X509Certificate2Collection certificates) =>
        certificates.FirstOrDefault(c => c.HasPrivateKey) ?? certificates[0];

    private static void EnsureThere(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            // A link to nothing is a missing file too, and says so when it is read.
            if (FileContent.KindOf(file) == FileKind.Missing || !Path.Exists(file)) FileContent.Read(file);
        }
    }
}
