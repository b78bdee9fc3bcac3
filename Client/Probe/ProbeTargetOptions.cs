using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Security;
using System.Text;
using RawEcho.Client.Http;
using RawEcho.Client.StartTls;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>What is probed, and what it is asked.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Name">The name that the server's certificate must be made for.</param>
/// <param name="Url">The URL that is asked for its head; null for none.</param>
/// <param name="Protocols">Application protocols to offer.</param>
/// <param name="Echoes">Messages are sent, and must come back.</param>
/// <param name="StartTls">How the service goes on to TLS; null for one that begins with it.</param>
internal sealed record ProbeTarget(
    HostPort Address, string Name, HttpUrl? Url, IReadOnlyList<SslApplicationProtocol> Protocols, bool Echoes, StartTlsProtocol? StartTls)
{
    /// <summary>Refuses what makes no sense without TLS.</summary>
    /// <exception cref="CommandException">Something does not.</exception>
    public void CheckAgainst(TlsLevel level)
    {
        if (level != TlsLevel.None || Url is not null) return;
        if (StartTls is not null)
            throw new CommandException(ExitCode.Usage, "--starttls and --tls none: the one asks for TLS, the other for none.");
        if (Protocols.Count > 0) throw new CommandException(ExitCode.Usage, "--alpn: without TLS (--tls none) nothing is offered.");
    }
}

/// <summary>The options that say what is probed.</summary>
internal sealed class ProbeTargetOptions
{
    private const int LongestProtocol = 255;
    private const string DefaultServer = "localhost:7443";

    private readonly OptionReader<TargetWord?> _target;
    private readonly OptionReader<Written<HostPort>> _server;
    private readonly OptionReader<string?> _serverName;
    private readonly OptionReader<string[]> _protocols;
    private readonly OptionReader<bool> _noEcho;
    private readonly OptionReader<Written<StartTlsProtocol>?> _startTls;

    public ProbeTargetOptions(OptionSet options)
    {
        _target = options.Add(TargetWord.CreateSingleArgument());
        _server = options.Add(new Option<Written<HostPort>>("--server")
        {
            Description = "The server: host[:port], [IPv6][:port] or :port; without a port 7443, or the usual one of --starttls",
            HelpName = "host:port",
            DefaultValueFactory = _ => new(new HostPort("localhost", Parsers.EchoPort), DefaultServer),
            CustomParser = r => Parsers.Parse(r, TryServer, out HostPort v, "an address such as localhost or localhost:7443")
                ? new(v, r.Tokens[^1].Value)
                : default,
        });
        _serverName = options.Add(SingleTargetOptions.ServerName("the target"));
        _noEcho = options.Add(new Option<bool>("--no-echo")
        {
            Description = "The service does not echo: send it nothing after the handshake",
        });
        _protocols = options.Add(new Option<string[]>("--alpn")
        {
            Description = "Application protocols to offer (ALPN), the best first: postgresql, or h2,http/1.1",
            HelpName = "names",
            DefaultValueFactory = _ => [],
            CustomParser = ParseProtocols,
        });
        string names = string.Join('|', StartTlsProtocol.All.Select(p => p.Name));
        _startTls = options.Add(new Option<Written<StartTlsProtocol>?>("--starttls")
        {
            Description = "Ask the service by its own protocol to go on under TLS; it is sent nothing after the handshake",
            HelpName = names,
            CustomParser = r => Parsers.Parse(r, StartTlsProtocol.TryParse, out StartTlsProtocol p, names.Replace("|", ", "))
                ? new Written<StartTlsProtocol>(p, p.Name)
                : null,
        });
    }

    /// <summary>What was given.</summary>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public ProbeTarget Read(ParseResult parsed)
    {
        TargetWord? word = _target.Read(parsed);
        (HostPort server, string written) = _server.Read(parsed);
        if (word is not null && _server.IsGiven(parsed.CommandResult))
            throw new CommandException(ExitCode.Usage, $"--server and '{word.Text}': name the server in one of the two ways.");
        (string[] names, bool noEcho) = (_protocols.Read(parsed), _noEcho.Read(parsed));
        StartTlsProtocol? startTls = _startTls.Read(parsed)?.Value;
        HostPort address = word?.Address ?? server;
        // A host alone means the service that is asked for.
        if (startTls is not null && word?.Url is null && Parsers.TryServer(word?.Word ?? written, startTls.Port, out HostPort service))
            address = service;
        string name = _serverName.Read(parsed) ?? address.Host;
        if (word?.Url is not { } url)
        {
            SslApplicationProtocol[] protocols = [.. names.Select(n => new SslApplicationProtocol(Encoding.ASCII.GetBytes(n)))];
            return new ProbeTarget(address, name, null, protocols, !noEcho && startTls is null, startTls);
        }

        CommandResult command = parsed.CommandResult;
        (string Name, bool IsGiven)[] others =
        [
            ("--alpn", _protocols.IsGiven(command)), ("--no-echo", _noEcho.IsGiven(command)), ("--starttls", _startTls.IsGiven(command)),
        ];
        string[] senseless = [.. others.Where(o => o.IsGiven).Select(o => o.Name)];
        if (senseless.Length > 0)
        {
            const string why = "a URL is probed by a request, over what HTTP offers by itself. Name the server as host:port for that.";
            throw new CommandException(ExitCode.Usage, $"{string.Join(" and ", senseless)}: {why}");
        }

        IReadOnlyList<SslApplicationProtocol> offered = url.IsTls ? HttpChoice.Negotiated.Protocols() : [];
        return new ProbeTarget(address, name, url, offered, Echoes: false, StartTls: null);
    }

    private static string[] ParseProtocols(ArgumentResult result)
    {
        string[] names = [.. result.Tokens.SelectMany(t => t.Value.Split(','))];
        foreach (string name in names)
        {
            if (name.Length is > 0 and <= LongestProtocol && name.All(c => c is > ' ' and <= '~')) continue;
            result.AddError($"--alpn takes names such as h2 or postgresql, not '{name}'");
        }

        return names;
    }

    private static bool TryServer(string word, out HostPort server) => Parsers.TryServer(word, Parsers.EchoPort, out server);
}
