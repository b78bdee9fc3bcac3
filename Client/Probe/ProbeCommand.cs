using System.CommandLine;
using RawEcho.Client.Output;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Client.Probe;

/// <summary>rawecho-client probe: one connection, explained.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        const string meaning =
            "Connects once and explains what it sees: addresses, handshake, both sides' certificates, echo, and what is wrong.";
        var command = new Command("probe", meaning);
        OptionSet.Attach(command, Declare, RunAsync);
        return command;
    }

    private static Func<ParseResult, ProbeSettings> Declare(OptionSet options)
    {
        OptionReader<HostPort> server = options.Add(new Option<HostPort>("--server")
        {
            Description = "The server: host:port, [IPv6]:port or :port",
            HelpName = "host:port",
            DefaultValueFactory = _ => new HostPort("localhost", 7443),
            CustomParser = r => Parsers.Parse(r, TryServer, out HostPort v, "an address such as localhost:7443") ? v : default,
        });
        OptionReader<string?> serverName = options.Add(new Option<string?>("--server-name")
        {
            Description = "The name that the server's certificate must be made for; default: the host of --server",
            HelpName = "name",
            CustomParser = r => Parsers.Parse(r, TryName, out string name, "a DNS name or an IP address") ? name : null,
        });
        var tls = new TlsCommandOptions(options, PeerRole.Client);
        OptionReader<Written<TimeSpan>> connect =
            options.Add(Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s"));
        OptionReader<Written<TimeSpan>> echo = options.Add(Parsers.Time("--echo-timeout", "How long the echo may take", "10s"));
        OptionReader<bool> json =
            options.Add(new Option<bool>("--json") { Description = "Write the report as JSON (docs/probe.schema.json)" });
        return parsed =>
        {
            TlsSource source = tls.Bind(parsed);
            TlsMaterial material = source.Load();
            source.StartKeyLog(material);
            HostPort address = server.Read(parsed);
            return new ProbeSettings
            {
                Server = address,
                ServerName = serverName.Read(parsed) ?? address.Host,
                Tls = material,
                ConnectTimeout = connect.Read(parsed).Value,
                EchoTimeout = echo.Read(parsed).Value,
                Output = Open(json.Read(parsed)),
            };
        };
    }

    private static async Task<int> RunAsync(ProbeSettings settings)
    {
        ProbeReport report = ReportBuilder.Build(await new Prober(settings).RunAsync());
        settings.Output.Write(report);
        return report.ExitCode;
    }

    private static IResultWriter<ProbeReport> Open(bool json)
    {
        StandardStreams.OutputIsData = json;
        return json
            ? new JsonResultWriter<ProbeReport>(ProbeJson.Default.ProbeReport)
            : new TextResultWriter<ProbeReport>(TextReport.Of);
    }

    private static bool TryServer(string word, out HostPort server) => Parsers.TryHostPort(word, out server) && server.Port > 0;

    private static bool TryName(string word, out string name) => Uri.CheckHostName(name = word) != UriHostNameType.Unknown;
}
