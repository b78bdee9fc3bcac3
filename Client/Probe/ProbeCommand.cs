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
        var server = new Option<HostPort>("--server")
        {
            Description = "The server: host:port, [IPv6]:port or :port",
            HelpName = "host:port",
            DefaultValueFactory = _ => new HostPort("localhost", 7443),
            CustomParser = r => Parsers.Parse(r, TryServer, out HostPort v, "an address such as localhost:7443") ? v : default,
        };
        var serverName = new Option<string?>("--server-name")
        {
            Description = "The name that the server's certificate must be made for; default: the host of --server",
            HelpName = "name",
            CustomParser = r => Parsers.Parse(r, TryName, out string name, "a DNS name or an IP address") ? name : null,
        };
        var tls = new TlsCommandOptions(PeerRole.Client);
        Option<Written<TimeSpan>> connect = Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s");
        Option<Written<TimeSpan>> echo = Parsers.Time("--echo-timeout", "How long the echo may take", "10s");
        var json = new Option<bool>("--json") { Description = "Write the report as JSON (docs/probe.schema.json)" };

        var command = new Command("probe", "Connects once and explains what it sees: addresses, handshake, both sides' certificates, echo, and what is wrong.") { server, serverName };
        tls.AddTo(command);
        foreach (Option option in new Option[] { connect, echo, json }) command.Options.Add(option);
        command.SetAction((parsed, _) =>
        {
            TlsMaterial material = tls.Load(parsed);
            tls.StartKeyLog(parsed, material);
            return RunAsync(new ProbeSettings
            {
                Server = parsed.GetValue(server),
                ServerName = parsed.GetValue(serverName) ?? parsed.GetValue(server).Host,
                Tls = material,
                ConnectTimeout = parsed.GetValue(connect).Value,
                EchoTimeout = parsed.GetValue(echo).Value,
                Output = Open(parsed.GetValue(json)),
            });
        });
        return command;
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
