using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Targets;

/// <summary>The options of every command that connects: which servers, by which way, with which certificates.</summary>
internal sealed class TargetOptions
{
    private readonly OptionReader<TargetWord[]>? _targets;
    private readonly OptionReader<HostPort[]> _servers;
    private readonly OptionReader<string?> _serverName;
    private readonly OptionReader<IPAddress[]> _sources;
    private readonly OptionReader<Written<SendProxy>> _sendProxy;
    private readonly TlsCommandOptions _tls;
    private readonly OptionReader<Written<TimeSpan>> _connect;
    private readonly OptionReader<int> _loops;

    /// <param name="options">Takes the options.</param>
    /// <param name="hasCommand">They follow the name of a command. Without one the first word is to be a command.</param>
    public TargetOptions(OptionSet options, bool hasCommand = true)
    {
        if (hasCommand) _targets = options.Add(TargetWord.CreateArgument());
        _servers = options.Add(new Option<HostPort[]>("--server")
        {
            Description = "The server: host[:port], [IPv6][:port] or :port, without a port 7443; given more than once, "
                + "connections go to each in turn",
            HelpName = "host:port",
            DefaultValueFactory = _ => [new HostPort("localhost", Parsers.EchoPort)],
            CustomParser = r => [.. r.Tokens.Select(t => ParseServer(r, t.Value))],
            Arity = ArgumentArity.OneOrMore,
        });
        _serverName = options.Add(SingleTargetOptions.ServerName("--server"));
        _sources = options.Add(new Option<IPAddress[]>("--source")
        {
            Description = "A local address to connect from; given more than once, each in turn "
                + "(one has ports for some 28,000 connections to one server)",
            HelpName = "address",
            DefaultValueFactory = _ => [],
            CustomParser = r => [.. r.Tokens.Select(t => ParseSource(r, t.Value))],
            Arity = ArgumentArity.OneOrMore,
        });
        _sendProxy = options.Add(SendProxyOption.Create());
        _tls = new TlsCommandOptions(options, PeerRole.Client);
        _connect = options.Add(Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s"));
        _loops = options.Add(Parsers.Number("--loops", "Event loops; 0 for one per processor", 0, 0, 1024));
    }

    /// <summary>Reads what was given, and the certificate files.</summary>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other or lack something.</exception>
    public TargetSettings Load(ParseResult parsed)
    {
        (IReadOnlyList<HostPort> servers, IReadOnlyList<HttpUrl> urls) = ReadTargets(parsed);
        TlsSource source = urls.Count > 0 ? _tls.BindToScheme(parsed, urls[0].IsTls) : _tls.Bind(parsed);
        TlsMaterial tls = source.Load();
        source.StartKeyLog(tls);
        return new TargetSettings
        {
            Servers = servers,
            Urls = urls,
            ServerName = _serverName.Read(parsed),
            Sources = _sources.Read(parsed),
            SendProxy = _sendProxy.Read(parsed).Value,
            Tls = tls,
            ConnectTimeout = _connect.Read(parsed).Value,
            Loops = _loops.Read(parsed),
        };
    }

    private (IReadOnlyList<HostPort> Servers, IReadOnlyList<HttpUrl> Urls) ReadTargets(ParseResult parsed)
    {
        TargetWord[] targets = _targets?.Read(parsed) ?? [];
        HostPort[] servers = _servers.Read(parsed);
        if (targets.Length == 0) return (servers, []);
        if (_servers.IsGiven(parsed.CommandResult))
            throw new CommandException(ExitCode.Usage, $"--server and '{targets[0].Text}': name the servers in one of the two ways.");
        HttpUrl[] urls = [.. targets.Select(t => t.Url).OfType<HttpUrl>()];
        if (urls.Length > 0 && urls.Length < targets.Length)
            throw new CommandException(
                ExitCode.Usage, "URLs and addresses: a load is of requests to the ones, or of echoes by the others.");
        if (urls.Select(u => u.IsTls).Distinct().Count() > 1)
            throw new CommandException(ExitCode.Usage, "https:// and http://: all URLs of a load have the same scheme.");
        return ([.. targets.Select(t => t.Address)], urls);
    }

    private static HostPort ParseServer(ArgumentResult result, string word)
    {
        if (Parsers.TryServer(word, Parsers.EchoPort, out HostPort server)) return server;
        result.AddError($"--server takes an address such as localhost or localhost:7443, not '{word}'");
        return default;
    }

    private static IPAddress ParseSource(ArgumentResult result, string word)
    {
        if (IPAddress.TryParse(word, out IPAddress? address)) return address;
        result.AddError($"--source takes an IP address of this machine, not '{word}'");
        return IPAddress.None;
    }
}
