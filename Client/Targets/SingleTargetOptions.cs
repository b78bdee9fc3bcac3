using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Targets;

/// <summary>The options of a command that opens one connection to one server: under which name, with which certificates.</summary>
internal sealed class SingleTargetOptions
{
    private readonly OptionReader<string?> _serverName;
    private readonly OptionReader<Written<SendProxy>> _sendProxy;
    private readonly TlsCommandOptions _tls;
    private readonly OptionReader<Written<TimeSpan>> _connect;

    /// <param name="options">Takes the options.</param>
    /// <param name="owner">Whose host is the name of the server without --server-name, in words.</param>
    public SingleTargetOptions(OptionSet options, string owner)
    {
        _serverName = options.Add(ServerName(owner));
        _sendProxy = options.Add(SendProxyOption.Create());
        _tls = new TlsCommandOptions(options, PeerRole.Client);
        _connect = options.Add(Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s"));
    }

    /// <summary>The option that names the server where that is not its host.</summary>
    /// <param name="owner">Whose host is the default, in words.</param>
    public static Option<string?> ServerName(string owner) => new("--server-name")
    {
        Description = $"The name that the server's certificate must be made for; default: the host of {owner}",
        HelpName = "name",
        CustomParser = r => Parsers.Parse(r, TryHostName, out string name, "a DNS name or an IP address") ? name : null,
    };

    /// <summary>Reads what was given, and the certificate files.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="url">Where the connection goes.</param>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other or lack something.</exception>
    public TargetSettings Load(ParseResult parsed, HttpUrl url)
    {
        TlsSource source = _tls.BindToScheme(parsed, url.IsTls);
        TlsMaterial material = source.Load();
        source.StartKeyLog(material);
        return new TargetSettings
        {
            Servers = [url.Address],
            Urls = [url],
            ServerName = _serverName.Read(parsed),
            Sources = [],
            SendProxy = _sendProxy.Read(parsed).Value,
            Tls = material,
            ConnectTimeout = _connect.Read(parsed).Value,
            Loops = 1,
        };
    }

    private static bool TryHostName(string word, out string name)
    {
        name = word;
        return Uri.CheckHostName(word) != UriHostNameType.Unknown;
    }
}
