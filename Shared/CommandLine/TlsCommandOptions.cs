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
    private readonly OptionReader<Written<TlsLevel>> _level;
    private readonly OptionReader<Written<SslProtocols>> _minimum;
    private readonly OptionReader<string?> _ca;
    private readonly OptionReader<bool> _partialChain;
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
        _partialChain = options.Add(PartialChain());
        _certificate = options.Add(Parsers.FileName(
            "--cert", $"The {own}'s certificate: PEM (intermediates behind it), or PFX with its key"));
        _key = options.Add(Parsers.FileName("--key", "Its private key (PEM); not needed when --cert holds it"));
        _password = new PasswordOptions(options);
        string legacy = $"legacy: let in {peer} whose certificate has no extended key usage, no alternative name, is X.509 v1, "
            + "a CA's, or its own root";
        _policy = options.Add(Parsers.Value<TlsPolicy>(
            "--policy", "strict|legacy", legacy, "strict", Policies.TryGetValue, "strict or legacy"));
        _admission = new AdmissionOptions(options, ownRole);
        const string keyLogMeaning =
            "Write the secrets of all TLS sessions to this file, for Wireshark: whoever reads it reads the traffic (Linux)";
        _keyLog = options.Add(Parsers.FileName("--keylog", keyLogMeaning));
        _handshakeTimeout = options.Add(Parsers.Time("--handshake-timeout", "How long a handshake may take in all", "10s"));
    }

    /// <summary>What was given; no file is read yet.</summary>
    public TlsSource Bind(ParseResult parsed) => Bind(parsed, _level.Read(parsed).Value, "--tls none");

    /// <summary>What was given to the client of a URL, whose scheme says whether there is TLS; no file is read yet.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isTls">The scheme is https, and not http.</param>
    /// <exception cref="CommandException">--tls says otherwise.</exception>
    public TlsSource BindToScheme(ParseResult parsed, bool isTls)
    {
        TlsLevel level = _level.Read(parsed).Value;
        bool isGiven = _level.IsGiven(parsed.CommandResult);
        // The scheme wins over a default from the environment.
        if (isTls && level == TlsLevel.None && !isGiven) level = TlsLevel.Mutual;
        if (isTls && level == TlsLevel.None)
            throw new CommandException(ExitCode.Usage, "--tls none: the URL says https://, which is TLS. Write http:// for none.");
        if (!isTls && isGiven && level != TlsLevel.None)
        {
            string name = _level.Read(parsed).Text;
            throw new CommandException(
                ExitCode.Usage, $"--tls {name}: the URL says http://, which is without TLS. Write https:// for TLS.");
        }

        return Bind(parsed, isTls ? level : TlsLevel.None, isGiven ? "--tls none" : "http://");
    }

    private TlsSource Bind(ParseResult parsed, TlsLevel level, string noTls)
    {
        bool showsOwn = level == TlsLevel.Mutual || (level == TlsLevel.Server && _ownRole == PeerRole.Server);
        bool verifiesPeer = level == TlsLevel.Mutual || (level == TlsLevel.Server && _ownRole == PeerRole.Client);
        // A key from the environment belongs to the certificate there.
        bool hasKey = showsOwn && !_certificate.IsGiven(parsed.CommandResult);
        return new TlsSource
        {
            OwnRole = _ownRole,
            Level = level,
            NoTls = noTls,
            Protocols = _minimum.Read(parsed).Value,
            Ca = Read(parsed, _ca, verifiesPeer),
            PartialChain = Read(parsed, _partialChain, verifiesPeer),
            Certificate = Read(parsed, _certificate, showsOwn),
            Key = Read(parsed, _key, hasKey),
            Password = _password.Bind(parsed),
            Policy = _policy.Read(parsed).Value,
            Admission = _admission.Bind(parsed, verifiesPeer),
            KeyLogFile = Read(parsed, _keyLog, level != TlsLevel.None),
            HandshakeTimeout = _handshakeTimeout.Read(parsed).Value,
        };
    }

    // A default from the environment that makes no sense for this command line is not used; an option that makes none is an error.
    internal static T? Read<T>(ParseResult parsed, OptionReader<T> option, bool hasDefault)
    {
        T value = option.Read(parsed);
        return hasDefault || option.IsGiven(parsed.CommandResult) ? value : default;
    }

    /// <summary>The option that lets an intermediate be trusted by itself.</summary>
    public static Option<bool> PartialChain() => new("--partial-chain")
    {
        Description = "Let a chain end at any certificate in --ca, also at an intermediate: its root is neither needed nor looked at",
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
