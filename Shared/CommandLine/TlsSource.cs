using System.Security.Authentication;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>What the TLS options came to: where certificates and keys are, and what is asked of the other side's.</summary>
public sealed class TlsSource
{
    public required PeerRole OwnRole { get; init; }

    public required TlsLevel Level { get; init; }

    public required SslProtocols Protocols { get; init; }

    public required string? Ca { get; init; }

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
        if (level == TlsLevel.None)
        {
            notes.Add(Note.Warning("--tls none: nothing is encrypted and nobody is authenticated."));
            if ((ca ?? certificate ?? key) is not null) notes.Add(new Note("--ca, --cert and --key are not used with --tls none."));
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
            material.Identity = TlsIdentity.Load(certificate!, key, Password.Read());
            CheckOwn(material, certificate!);
        }

        if (verifiesPeer)
        {
            material.TrustedRoots = TrustStore.Read(ca!);
            material.Admission = Admission.Load(material.TrustedRoots, notes);
        }

        return material;
    }

    /// <summary>Turns the key log on if it was asked for; once, before the first handshake.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public void StartKeyLog(TlsMaterial material)
    {
        if (KeyLogFile is not { } file) return;
        if (material.Level == TlsLevel.None)
            throw new CommandException(ExitCode.Usage, "--keylog: with --tls none there are no secrets to write.");
        KeyLog.Start(file, material.Notes);
    }

    private TlsMaterial Material(List<Note> notes, IReadOnlyList<string> files)
    {
        string[] ordinary = [.. files.Where(f => RereadableFiles.Contains(f, mayBeEmpty: f == Admission.AllowFile))];
        return new(Level, Protocols, HandshakeTimeout, Policy)
        {
            Notes = notes,
            Files = ordinary,
            // Before they are read: what changes in between is then a change.
            State = FileState.Of(ordinary),
            IsRereadable = ordinary.Length == files.Count,
        };
    }

    // What the other side will find wrong is said here, where it can be mended.
    private void CheckOwn(TlsMaterial material, string file)
    {
        TlsIdentity identity = material.Identity!;
        PeerVerdict verdict = PeerVerifier.EvaluateOwn(identity.Certificate, OwnRole, material.Policy);
        if (verdict.Problem is not { } problem) return;
        string what = ProblemText.Of(problem, owner: "The");
        bool outdated = problem.Fault is CertificateFault.Expired or CertificateFault.NotYetValid;
        if (outdated && OwnRole == PeerRole.Server)
            throw new CommandException(ExitCode.Certificate, $"{file}: {what} Renew it: no client would accept it.");
        material.Notes.Add(Note.Warning($"{file}: {what} The other side will probably refuse it."));
    }
}
