using System.CommandLine;
using System.Security.Authentication;
using RawEcho.Engine.Tls;

namespace RawEcho.CommandLine;

/// <summary>How much of TLS is used: the three levels of the tutorials that RawEcho grew out of.</summary>
public enum TlsLevel
{
    /// <summary>Both sides show a certificate.</summary>
    Mutual,

    /// <summary>Only the server shows one.</summary>
    Server,

    /// <summary>No TLS at all.</summary>
    None,
}

/// <summary>The TLS options of server and client, and what becomes of them.</summary>
public sealed class TlsCommandOptions
{
    private static readonly Dictionary<string, TlsLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mutual"] = TlsLevel.Mutual,
        ["server"] = TlsLevel.Server,
        ["none"] = TlsLevel.None,
    };

    private static readonly Dictionary<string, TlsPolicy> Policies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["strict"] = TlsPolicy.Strict,
        ["legacy"] = TlsPolicy.Legacy,
    };

    private readonly PeerRole _ownRole;
    private readonly OptionReader<Written<TlsLevel>> _level;
    private readonly OptionReader<Written<SslProtocols>> _minimum;
    private readonly OptionReader<string?> _ca;
    private readonly OptionReader<string?> _certificate;
    private readonly OptionReader<string?> _key;
    private readonly PasswordOptions _password;
    private readonly OptionReader<Written<TlsPolicy>> _policy;
    private readonly AdmissionOptions _admission;
    private readonly OptionReader<string?> _keyLog;
    private readonly OptionReader<Written<TimeSpan>> _handshakeTimeout;

    /// <param name="options">Takes the options.</param>
    /// <param name="ownRole">The side this program is on.</param>
    public TlsCommandOptions(OptionSet options, PeerRole ownRole)
    {
        _ownRole = ownRole;
        string own = ownRole == PeerRole.Server ? "server" : "client";
        string peer = ownRole == PeerRole.Server ? "clients" : "the server";
        _level = options.Add(Parsers.Value<TlsLevel>(
            "--tls", "mutual|server|none", "mutual: both sides show a certificate; server: only the server does; none: no TLS",
            "mutual", Levels.TryGetValue, "mutual, server or none"));
        _minimum = options.Add(Parsers.Value<SslProtocols>(
            "--tls-min", "1.2|1.3", "The oldest TLS version allowed", "1.2", TryVersions, "1.2 or 1.3"));
        _ca = options.Add(Parsers.FileName("--ca", $"CA certificates that {peer} must be signed by (PEM or DER)"));
        _certificate = options.Add(Parsers.FileName("--cert", $"The {own}'s certificate: PEM (intermediates behind it), or PFX with its key"));
        _key = options.Add(Parsers.FileName("--key", "Its private key (PEM); not needed when --cert holds it"));
        _password = new PasswordOptions(options);
        string legacy = $"legacy: let in {peer} whose certificate has no extended key usage, no alternative name, is X.509 v1, a CA's, or its own root";
        _policy = options.Add(Parsers.Value<TlsPolicy>("--policy", "strict|legacy", legacy, "strict", Policies.TryGetValue, "strict or legacy"));
        _admission = new AdmissionOptions(options, ownRole);
        const string keyLogMeaning =
            "Write the secrets of all TLS sessions to this file, for Wireshark: whoever reads it reads the traffic (Linux)";
        _keyLog = options.Add(Parsers.FileName("--keylog", keyLogMeaning));
        _handshakeTimeout = options.Add(Parsers.Time("--handshake-timeout", "How long a handshake may take in all", "10s"));
    }

    /// <summary>What was given; no file is read yet.</summary>
    public TlsSource Bind(ParseResult parsed) => new()
    {
        OwnRole = _ownRole,
        Level = _level.Read(parsed).Value,
        Protocols = _minimum.Read(parsed).Value,
        Ca = _ca.Read(parsed),
        Certificate = _certificate.Read(parsed),
        Key = _key.Read(parsed),
        Password = _password.Bind(parsed),
        Policy = _policy.Read(parsed).Value,
        Admission = _admission.Bind(parsed),
        KeyLogFile = _keyLog.Read(parsed),
        HandshakeTimeout = _handshakeTimeout.Read(parsed).Value,
    };

    private static bool TryVersions(string word, out SslProtocols versions)
    {
        versions = word switch
        {
            "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
            "1.3" => SslProtocols.Tls13,
            _ => SslProtocols.None,
        };
        return versions != SslProtocols.None;
    }
}

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
    /// <exception cref="CommandException">The options contradict each other or lack something.</exception>
    public TlsMaterial Load()
    {
        TlsLevel level = Level;
        string? ca = Ca;
        string? certificate = Certificate;
        string? key = Key;
        var notes = new List<string>();
        bool showsOwn = level != TlsLevel.None && (OwnRole == PeerRole.Server || level == TlsLevel.Mutual);
        bool verifiesPeer = level != TlsLevel.None && (OwnRole == PeerRole.Client || level == TlsLevel.Mutual);
        if (!verifiesPeer) Admission.EnsureUnused();
        if (level == TlsLevel.None)
        {
            notes.Add("WARNING: --tls none: nothing is encrypted and nobody is authenticated.");
            if ((ca ?? certificate ?? key) is not null) notes.Add("--ca, --cert and --key are not used with --tls none.");
            return Material(notes, []);
        }

        if (!showsOwn && certificate is not null) notes.Add("--cert is not used with --tls server: only the server shows a certificate.");
        if (!verifiesPeer && ca is not null) notes.Add("--ca is not used with --tls server: clients show no certificate.");
        if (key is not null && certificate is null)
            throw new CommandException(ExitCode.Usage, "--key needs --cert: name the certificate that the key belongs to.");

        var development = new DevelopmentCertificates(OwnRole);
        bool ownIsForeign = certificate is not null && showsOwn;
        if (showsOwn && certificate is null) (certificate, key) = development.Own(notes, ca is null && verifiesPeer);
        if (verifiesPeer && ca is null && ownIsForeign)
            throw new CommandException(ExitCode.Usage, "--cert without --ca: name the CA certificate that the other side must be signed by.");
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

    private TlsMaterial Material(List<string> notes, IReadOnlyList<string> files)
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
        PeerVerdict verdict = PeerVerifier.JudgeOwn(identity.Certificate, OwnRole, material.Policy);
        if (verdict.Accepted) return;
        bool outdated = verdict.Fault is CertificateFault.Expired or CertificateFault.NotYetValid;
        if (outdated && OwnRole == PeerRole.Server)
            throw new CertificateFileException(file, $"{verdict.Explanation} Renew it: no client would accept it.");
        material.Notes.Add($"WARNING: {file}: {verdict.Explanation} The other side will probably refuse it.");
    }
}
