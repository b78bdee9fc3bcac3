using System.CommandLine;
using System.Security.Authentication;
using RawEcho.Engine.Certificates;

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
    private readonly Option<Written<TlsLevel>> _level;
    private readonly Option<Written<SslProtocols>> _minimum;
    private readonly Option<string?> _ca;
    private readonly Option<string?> _certificate;
    private readonly Option<string?> _key;
    private readonly PasswordOptions _password = new();
    private readonly Option<Written<TlsPolicy>> _policy;
    private readonly AdmissionOptions _admission;
    private readonly Option<string?> _keyLog = Parsers.FileName(
        "--keylog", "Write the secrets of all TLS sessions to this file, for Wireshark: whoever reads it reads the traffic (Linux)");

    private readonly Option<Written<TimeSpan>> _handshakeTimeout;

    /// <param name="ownRole">The side this program is on.</param>
    public TlsCommandOptions(PeerRole ownRole)
    {
        _ownRole = ownRole;
        string own = ownRole == PeerRole.Server ? "server" : "client";
        string peer = ownRole == PeerRole.Server ? "clients" : "the server";
        _level = Parsers.Value<TlsLevel>(
            "--tls", "mutual|server|none", "mutual: both sides show a certificate; server: only the server does; none: no TLS",
            "mutual", Levels.TryGetValue, "mutual, server or none");
        _minimum = Parsers.Value<SslProtocols>("--tls-min", "1.2|1.3", "The oldest TLS version allowed", "1.2", TryVersions, "1.2 or 1.3");
        _ca = Parsers.FileName("--ca", $"CA certificates that {peer} must be signed by (PEM or DER)");
        _certificate = Parsers.FileName("--cert", $"The {own}'s certificate: PEM (intermediates behind it), or PFX with its key");
        _key = Parsers.FileName("--key", "Its private key (PEM); not needed when --cert holds it");
        _policy = Parsers.Value<TlsPolicy>(
            "--policy", "strict|legacy",
            $"legacy: let in {peer} whose certificate has no extended key usage, no alternative name, is X.509 v1, a CA's, or its own root",
            "strict", Policies.TryGetValue, "strict or legacy");
        _admission = new AdmissionOptions(ownRole);
        _handshakeTimeout = Parsers.Time("--handshake-timeout", "How long a handshake may take in all", "10s");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_level);
        command.Options.Add(_minimum);
        command.Options.Add(_ca);
        command.Options.Add(_certificate);
        command.Options.Add(_key);
        _password.AddTo(command);
        command.Options.Add(_policy);
        _admission.AddTo(command);
        command.Options.Add(_keyLog);
        command.Options.Add(_handshakeTimeout);
    }

    /// <summary>Reads what was given, loads the files, and looks at them before anything is started.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other or lack something, or a server's certificate is out of
    /// date.</exception>
    public TlsMaterial Load(ParseResult parsed)
    {
        TlsLevel level = parsed.GetValue(_level).Value;
        string? ca = parsed.GetValue(_ca);
        string? certificate = parsed.GetValue(_certificate);
        string? key = parsed.GetValue(_key);
        var notes = new List<Note>();
        bool showsOwn = level != TlsLevel.None && (_ownRole == PeerRole.Server || level == TlsLevel.Mutual);
        bool verifiesPeer = level != TlsLevel.None && (_ownRole == PeerRole.Client || level == TlsLevel.Mutual);
        if (!verifiesPeer) _admission.EnsureUnused(parsed);
        if (level == TlsLevel.None)
        {
            notes.Add(Note.Warning("--tls none: nothing is encrypted and nobody is authenticated."));
            if ((ca ?? certificate ?? key) is not null) notes.Add(new Note("--ca, --cert and --key are not used with --tls none."));
            return Material(parsed, notes, []);
        }

        if (!showsOwn && certificate is not null)
            notes.Add(new Note("--cert is not used with --tls server: only the server shows a certificate."));
        if (!verifiesPeer && ca is not null) notes.Add(new Note("--ca is not used with --tls server: clients show no certificate."));
        if (key is not null && certificate is null) throw new CommandException(ExitCode.Usage, "--key needs --cert: name the certificate that the key belongs to.");

        var development = new DevelopmentCertificates(_ownRole);
        bool ownIsForeign = certificate is not null && showsOwn;
        if (showsOwn && certificate is null) (certificate, key) = development.Own(notes, ca is null && verifiesPeer);
        if (verifiesPeer && ca is null && ownIsForeign)
            throw new CommandException(ExitCode.Usage, "--cert without --ca: name the CA certificate that the other side must be signed by.");
        if (verifiesPeer) ca ??= development.Ca(notes, announce: !showsOwn);

        string?[] own = showsOwn ? [certificate, key, _password.File(parsed)] : [];
        string?[] peers = verifiesPeer ? [ca, .. _admission.Files(parsed)] : [];
        TlsMaterial material = Material(parsed, notes, [.. own.Concat(peers).OfType<string>()]);
        if (showsOwn)
        {
            material.Identity = TlsIdentity.Load(certificate!, key, _password.Read(parsed));
            CheckOwn(material, certificate!);
        }

        if (verifiesPeer)
        {
            material.TrustedRoots = TrustStore.Read(ca!);
            material.Admission = _admission.Load(parsed, material.TrustedRoots, notes);
        }

        return material;
    }

    /// <summary>Turns the key log on if it was asked for; once, before the first handshake.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public void StartKeyLog(ParseResult parsed, TlsMaterial material)
    {
        if (parsed.GetValue(_keyLog) is not { } file) return;
        if (material.Level == TlsLevel.None) throw new CommandException(ExitCode.Usage, "--keylog: with --tls none there are no secrets to write.");
        KeyLog.Start(file, material.Notes);
    }

    private TlsMaterial Material(ParseResult parsed, List<Note> notes, IReadOnlyList<string> files)
    {
        string[] ordinary = [.. files.Where(f => RereadableFiles.Contains(f, mayBeEmpty: f == _admission.AllowFile(parsed)))];
        return new(
            parsed.GetValue(_level).Value, parsed.GetValue(_minimum).Value, parsed.GetValue(_handshakeTimeout).Value, parsed.GetValue(_policy).Value)
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
        PeerVerdict verdict = PeerVerifier.JudgeOwn(identity.Certificate, _ownRole, material.Policy);
        if (verdict.Problem is not { } problem) return;
        string what = ProblemText.Of(problem, owner: "The");
        bool outdated = problem.Fault is CertificateFault.Expired or CertificateFault.NotYetValid;
        if (outdated && _ownRole == PeerRole.Server)
            throw new CommandException(ExitCode.Certificate, $"{file}: {what} Renew it: no client would accept it.");
        material.Notes.Add(Note.Warning($"{file}: {what} The other side will probably refuse it."));
    }

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
