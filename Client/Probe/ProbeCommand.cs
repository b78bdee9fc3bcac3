using System.CommandLine;
using RawEcho.Client.Output;
using RawEcho.Client.Targets;
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
            "Connects once and explains what it sees: addresses, handshake, both sides' certificates, echo or response, and what is wrong.";
        var command = new Command("probe", meaning);
        OptionSet.Attach(command, Declare, RunAsync);
        return command;
    }

    private static Func<ParseResult, ProbeSettings> Declare(OptionSet options)
    {
        var target = new ProbeTargetOptions(options);
        OptionReader<Written<SendProxy>> sendProxy = options.Add(SendProxyOption.Create());
        var tls = new TlsCommandOptions(options, PeerRole.Client);
        OptionReader<Written<TimeSpan>> connect =
            options.Add(Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s"));
        OptionReader<Written<TimeSpan>> echo =
            options.Add(Parsers.Time("--echo-timeout", "How long the echo, or the response to the request, may take", "10s"));
        OptionReader<bool> json =
            options.Add(new Option<bool>("--json") { Description = "Write the report as JSON (docs/probe.schema.json)" });
        return parsed =>
        {
            ProbeTarget server = target.Read(parsed);
            TlsSource source = server.Url is { } url ? tls.BindToScheme(parsed, url.IsTls) : tls.Bind(parsed);
            server.CheckAgainst(source.Level);
            TlsMaterial material = source.Load();
            source.StartKeyLog(material);
            return new ProbeSettings
            {
                Server = server.Address,
                ServerName = server.Name,
                Url = server.Url,
                Protocols = server.Protocols,
                Echoes = server.Echoes,
                StartTls = server.StartTls,
                SendProxy = sendProxy.Read(parsed).Value,
                Tls = material,
                ConnectTimeout = connect.Read(parsed).Value,
                EchoTimeout = echo.Read(parsed).Value,
                Output = Open(json.Read(parsed)),
            };
        };
    }

    private static async Task<int> RunAsync(ProbeSettings settings)
    {
        using var stop = new StopSignal();
        var prober = new Prober(settings);
        Task probing = prober.RunAsync();
        // What is still under way is left alone: nothing that it may yet come to belongs to the report.
        bool isInterrupted = await Task.WhenAny(probing, stop.Asked) != probing;
        if (!isInterrupted) await probing;
        ProbeReport report = ReportBuilder.Build(prober.Facts, isInterrupted);
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
}
