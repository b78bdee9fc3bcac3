using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Targets;

/// <summary>The options of every command that connects: which servers, by which way, with which certificates.</summary>
internal sealed class TargetOptions
{
    private readonly Option<HostPort[]> _servers = new("--server")
    {
        Description = "The server: host:port, [IPv6]:port or :port; given more than once, connections go to each in turn",
        HelpName = "host:port",
        DefaultValueFactory = _ => [new HostPort("localhost", 7443)],
        CustomParser = r => [.. r.Tokens.Select(t => ParseServer(r, t.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _serverName = new("--server-name")
    {
        Description = "The name that the server's certificate must be made for; default: the host of --server",
        HelpName = "name",
        CustomParser = r => Parsers.Parse(r, TryHostName, out string name, "a DNS name or an IP address") ? name : null,
    };

    private readonly Option<IPAddress[]> _sources = new("--source")
    {
        Description = "A local address to connect from; given more than once, each in turn (one has ports for some 28,000 connections to one server)",
        HelpName = "address",
        DefaultValueFactory = _ => [],
        CustomParser = r => [.. r.Tokens.Select(t => ParseSource(r, t.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly TlsCommandOptions _tls = new(PeerRole.Client);
    private readonly Option<Written<TimeSpan>> _connect = Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s");
    private readonly Option<int> _loops = Parsers.Number("--loops", "Event loops; 0 for one per processor", 0, 0, 1024);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_servers);
        command.Options.Add(_serverName);
        command.Options.Add(_sources);
        _tls.AddTo(command);
        command.Options.Add(_connect);
        command.Options.Add(_loops);
    }

    /// <summary>Reads what was given, and the certificate files.</summary>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other or lack something.</exception>
    public TargetSettings Load(ParseResult parsed)
    {
        TlsMaterial tls = _tls.Load(parsed);
        _tls.StartKeyLog(parsed, tls);
        return new TargetSettings
        {
            Servers = parsed.GetRequiredValue(_servers),
            ServerName = parsed.GetValue(_serverName),
            Sources = parsed.GetValue(_sources) ?? [],
            Tls = tls,
            ConnectTimeout = parsed.GetValue(_connect).Value,
            Loops = parsed.GetValue(_loops),
        };
    }

    private static HostPort ParseServer(ArgumentResult result, string word)
    {
        if (Parsers.TryHostPort(word, out HostPort server) && server.Port > 0) return server;
        result.AddError($"--server takes an address such as localhost:7443, not '{word}'");
        return default;
    }

    private static IPAddress ParseSource(ArgumentResult result, string word)
    {
        if (IPAddress.TryParse(word, out IPAddress? address)) return address;
        result.AddError($"--source takes an IP address of this machine, not '{word}'");
        return IPAddress.None;
    }

    private static bool TryHostName(string word, out string name)
    {
        name = word;
        return Uri.CheckHostName(word) != UriHostNameType.Unknown;
    }
}
