using System.Globalization;
using System.Security.Authentication;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>What the TLS options came to: where certificates and keys are, and what is asked of the other side's.</summary>
public sealed class TlsSource
{
    private readonly NamedFiles _files = new();

    public required PeerRole OwnRole { get; init; }

    public required TlsLevel Level { get; init; }

    /// <summary>What on the command line asked for no TLS, for the notes about it.</summary>
    public string NoTls { get; init; } = "--tls none";

    public required SslProtocols Protocols { get; init; }

    public required string? Ca { get; init; }

    public required bool PartialChain { get; init; }

    public required string? Certificate { get; init; }

    public required string? Key { get; init; }

    public required PasswordSource Password { get; init; }

    public required TlsPolicy Policy { get; init; }

    public required AdmissionSource Admission { get; init; }

    public required string? KeyLogFile { get; init; }

    public required TimeSpan HandshakeTimeout { get; init; }

    /// <summary>Loads the files, and looks at them before anything is started.</summary>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other or lack something, or a server's certificate is out of
    /// date.</exception>
    public TlsMaterial Load()
    {
        TlsLevel level = Level;
        string? ca = Ca;
        string? certificate = Certificate;
        string? key = Key;
        var notes = new List<Note>();
        bool showsOwn = level != TlsLevel.None && (OwnRole == PeerRole.Server || level == TlsLevel.Mutual);
        bool verifiesPeer = level != TlsLevel.None && (OwnRole == PeerRole.Client || level == TlsLevel.Mutual);
        if (!verifiesPeer) Admission.EnsureUnused();
        if (!verifiesPeer && PartialChain)
        {
            throw new CommandException(
                ExitCode.Usage, "--partial-chain: without certificates of the other side (--tls mutual) there is no chain.");
        }

        if (level == TlsLevel.None)
        {
            notes.Add(Note.Warning($"{NoTls}: nothing is encrypted and nobody is authenticated."));
            if ((ca ?? certificate ?? key) is not null) notes.Add(new Note($"--ca, --cert and --key are not used with {NoTls}."));
            return Material(notes, []);
        }

        if (!showsOwn && certificate is not null)
            notes.Add(new Note("--cert is not used with --tls server: only the server shows a certificate."));
        if (!verifiesPeer && ca is not null) notes.Add(new Note("--ca is not used with --tls server: clients show no certificate."));
        if (key is not null && certificate is null)
            throw new CommandException(ExitCode.Usage, "--key needs --cert: name the certificate that the key belongs to.");

        var development = new DevelopmentCertificates(OwnRole);
        bool ownIsForeign = certificate is not null && showsOwn;
        if (showsOwn && certificate is null) (certificate, key) = development.Own(notes, ca is null && verifiesPeer);
        if (verifiesPeer && ca is null && ownIsForeign)
        {
            throw new CommandException(
                ExitCode.Usage, "--cert without --ca: name the CA certificate that the other side must be signed by.");
        }

        if (verifiesPeer) ca ??= development.Ca(notes, announce: !showsOwn);

        string?[] own = showsOwn ? [certificate, key, Password.File] : [];
        string?[] peers = verifiesPeer ? [ca, .. Admission.Files] : [];
        TlsMaterial material = Material(notes, [.. own.Concat(peers).OfType<string>()]);
        if (showsOwn)
        {
            FileContent? keyFile = key is null ? null : _files.Read(key);
            material.Identity = TlsIdentity.Load(_files.Read(certificate!), keyFile, Password.Read(_files.Read));
            CheckOwn(material, certificate!);
        }

        if (verifiesPeer)
        {
            material.TrustedRoots = TrustStore.Parse(_files.Read(ca!));
            CheckAnchors(material, ca!);
            material.Admission = Admission.Load(_files.Read, material.TrustedRoots, notes);
        }

        if (_files.Start() && OwnRole == PeerRole.Server)
            notes.AddRange(_files.ReadOnce.Select(f => new Note($"{f} is a pipe: it was read now, and is not read again.")));
        return material;
    }

    /// <summary>Turns the key log on if it was asked for; once, before the first handshake.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public void StartKeyLog(TlsMaterial material)
    {
        if (KeyLogFile is not { } file) return;
        if (material.Level == TlsLevel.None)
            throw new CommandException(ExitCode.Usage, $"--keylog: with {NoTls} there are no secrets to write.");
        KeyLog.Start(file, material.Notes);
    }

    private TlsMaterial Material(List<Note> notes, IReadOnlyList<string> files)
    {
        string[] ordinary = [.. files.Where(_files.IsReadAgain)];
        return new(Level, Protocols, HandshakeTimeout, Policy)
        {
            Notes = notes,
            Files = ordinary,
            // Before they are read: what changes in between is then a change.
            State = FileState.Of(ordinary),
            PartialChain = PartialChain,
        };
    }

    // Who trusts nothing that can be trusted lets nobody in, and would learn it from the peers.
    private void CheckAnchors(TlsMaterial material, string file)
    {
        const int mostNamed = 5;
        var anchors = TrustAnchors.Examine(material.TrustedRoots, PartialChain, Policy, DateTimeOffset.UtcNow);
        if (anchors.Problems.Count == 0) return;
        if (!anchors.CanAccept)
        {
            string more = anchors.Problems.Count > 1
                ? string.Create(CultureInfo.InvariantCulture, $" None of its {material.TrustedRoots.Count} certificates can.")
                : "";
            string peers = OwnRole == PeerRole.Server ? "client" : "server";
            throw new CommandException(
                ExitCode.Certificate,
                $"{file}: holds no CA that can be trusted, so no {peers} could be accepted. {ProblemText.Of(anchors.Problems[0])}{more}");
        }

        foreach (AnchorProblem problem in anchors.Problems.Take(mostNamed))
            material.Notes.Add(Note.Warning($"{file}: {ProblemText.Of(problem)}"));
        if (anchors.Problems.Count > mostNamed)
        {
            int rest = anchors.Problems.Count - mostNamed;
            string count = rest.ToString(CultureInfo.InvariantCulture);
            material.Notes.Add(Note.Warning($"{file}: {count} more of its certificates cannot be the end of a chain."));
        }
    }

    // What the other side will find wrong is said here, where it can be mended.
    private void CheckOwn(TlsMaterial material, string file)
    {
        TlsIdentity identity = material.Identity!;
        if (OwnRole == PeerRole.Client) CheckSize(material, identity, file);
        PeerVerdict verdict = PeerVerifier.EvaluateOwn(identity.Certificate, OwnRole, material.Policy);
        if (verdict.Problem is not { } problem) return;
        string what = ProblemText.Of(problem, owner: "The");
        bool outdated = problem.Fault is CertificateFault.Expired or CertificateFault.NotYetValid;
        if (outdated && OwnRole == PeerRole.Server)
            throw new CommandException(ExitCode.Certificate, $"{file}: {what} Renew it: no client would accept it.");
        material.Notes.Add(Note.Warning($"{file}: {what} The other side will probably refuse it."));
    }

    // A server that cannot put it into a session ticket gives up with an alert that does not say why.
    private static void CheckSize(TlsMaterial material, TlsIdentity identity, string file)
    {
        const int mostOfOpenSsl = 0xFF00;
        int bytes = identity.Certificate.RawDataMemory.Length;
        if (bytes <= mostOfOpenSsl) return;
        material.Notes.Add(Note.Warning(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: the certificate is {bytes} bytes long. Servers with OpenSSL take at most {mostOfOpenSsl}: give it fewer names.")));
    }
}
