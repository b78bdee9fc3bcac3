using System.Diagnostics;
using System.Globalization;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Otlp;
using RawEcho.Server.Admin;
using RawEcho.Server.Http;
using RawEcho.Server.Streams;
using RawEcho.Server.Telemetry;
using RawEcho.Streams;
using RawEcho.Terminal;

namespace RawEcho.Server;

/// <summary>The server from start to stop: listen, echo, serve HTTP, drain, statistics.</summary>
internal sealed class EchoServer(ServerSettings settings)
{
    private volatile TlsMaterial _material = settings.Tls;

    private bool UsesTls => settings.Tls.Level != TlsLevel.None;

    public async Task<int> RunAsync()
    {
        StandardStreams.OutputIsData = settings.LogFormat == LogFormat.Json;
        EngineProcess.Configure(settings.Process);
        // Names are looked up before anything is opened: nothing half-started remains of a bad one.
        IReadOnlyList<IPEndPoint[]> addresses = await ResolveAsync(settings.Listen), httpAddresses = await ResolveAsync(settings.Http),
            adminAddresses = await ResolveAsync(settings.Admin is { } at ? [at] : []);
        await using var log = new ConsoleLog(StandardStreams.Output, settings.LogFormat);
        using var stop = new StopSignal(onQuitKey: true, hangUpReloads: UsesTls);

        var announcer = new ConnectionAnnouncer(new ModeHandler(new EchoHandler()), log, settings.Detail, UsesTls);
        await using var host = new ConnectionHost(settings.Engine, announcer);
        using var meter = new ServerMeter(() => host.Statistics);
        using OtlpMetrics? export = OtlpExport.StartIfAsked(
            "rawecho-server", EngineTelemetry.MeterName, ServerMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel");
        IReadOnlyList<IPEndPoint> listening = Listen(host, addresses, Handler(announcer, log, out TlsServerHandler? tls));
        await using IHttpService? http = httpAddresses.Count == 0 ? null : await StartHttpAsync(httpAddresses, host, announcer, log);
        await using IAdminService? admin =
            adminAddresses.Count == 0 ? null : await StartAdminAsync(adminAddresses, host, http, log);
        Func<TlsMaterial, int> apply = fresh => Apply(fresh, tls, http, admin, log);
        Action<string> report = line => log.Event(line, new LogFacts("reload"));
        await using TlsReload? reload =
            UsesTls ? new TlsReload(settings.Tls, settings.ReloadTls, apply, report, settings.ReloadInterval) : null;
        foreach (Note note in settings.Tls.Notes) log.Line(note.ToString(), new LogFacts(note.IsWarning ? "warning" : "note"));
        if (UsesTls && !EngineProcess.IsServerSessionCacheOff)
        {
            log.Line("WARNING: The TLS session cache cannot be turned off: refused peers cost memory.", new LogFacts("warning"));
        }

        foreach (IPEndPoint endPoint in listening) log.Line($"Listening on {endPoint}", At("listening", endPoint));
        foreach (Uri address in http?.Addresses ?? []) log.Line($"Serving HTTP on {address}", At("serving-http", address));
        foreach (Uri address in admin?.Addresses ?? []) log.Line($"Admin pages on {address}", At("serving-admin", address));
        IPEndPoint[][] all = [.. addresses, .. httpAddresses, .. adminAddresses];
        foreach (string line in Reach.Lines([.. all.SelectMany(LocalAddresses.ThatAreHere).Select(e => e.Address)]))
            log.Line(line, new LogFacts("note"));
        if (host.MaxConnections < settings.Engine.MaxConnections)
        {
            log.Line(
                $"Room for {host.MaxConnections} connections, not {settings.Engine.MaxConnections}: file descriptors (ulimit -n).",
                new LogFacts("warning", ("maxConnections", host.MaxConnections)));
        }

        string toStop = KeyPress.Possible ? "Press q or Ctrl-C" : StopSignal.Ways;
        log.Line(
            $"Server started (PID {Environment.ProcessId}, {EngineProcess.EventLoops} event loops). {toStop} to stop.",
            new LogFacts("started", ("pid", Environment.ProcessId), ("eventLoops", EngineProcess.EventLoops)));
        log.Rule();

        var running = Stopwatch.StartNew();
        string why = await Task.WhenAny(stop.Asked, Task.Delay(settings.Duration)) == stop.Asked ? await stop.Asked : "--duration is over";
        // First, so that nobody who reads of the stop finds the server ready.
        admin?.BeginDrain();
        if (settings.DrainDelay > TimeSpan.Zero)
        {
            double seconds = settings.DrainDelay.TotalSeconds;
            log.Event(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Stopping ({why}): not ready any more; still accepting for {seconds:0.###} s, so that balancers notice."),
                new LogFacts("unready", ("why", why), ("seconds", seconds)));
            await Task.Delay(settings.DrainDelay);
        }

        long open = host.Statistics.ConnectionsOpen;
        log.Event($"Stopping ({why}): {open} clients connected; draining.", new LogFacts("stopping", ("why", why), ("clients", open)));
        await Task.WhenAll(host.StopAsync(settings.DrainTimeout), http?.StopAsync(settings.DrainTimeout) ?? Task.CompletedTask);
        announcer.ReportRest();
        string[] lines = [.. StatisticsText.Lines(host.Statistics, running.Elapsed), .. http?.Statistics ?? []];
        log.Lines(lines, "Stopped.", StatisticsText.Facts(host.Statistics, running.Elapsed, http?.Requests));
        return ExitCode.Success;
    }

    private static LogFacts At(string happened, object address) => new(happened, ("address", address));

    private IConnectionHandler Handler(ConnectionAnnouncer announcer, ConsoleLog log, out TlsServerHandler? tls)
    {
        tls = UsesTls ? new TlsServerHandler(announcer, EchoOptions(settings.Tls, log)) : null;
        IConnectionHandler first = tls is null ? new EchoHandler(announcer.OnConnected) : tls;
        return settings.Proxy is { } proxy ? new ProxyProtocolHandler(first, proxy) : first;
    }

    private int Apply(TlsMaterial fresh, TlsServerHandler? tls, IHttpService? http, IAdminService? admin, ConsoleLog log)
    {
        TlsServerOptions options = Options(fresh, log);
        int ended = (tls?.Update(EchoOptions(fresh, log)) ?? 0) + (http?.Update(options) ?? 0) + (admin?.Update(options) ?? 0);
        _material = fresh;
        return ended;
    }

    // A download takes as much of the server's bandwidth as its client can receive: not for strangers.
    private TlsServerOptions EchoOptions(TlsMaterial material, ConsoleLog log) => Options(material, log) with
    {
        OptionalProtocols = settings.EchoOnly || material.Level != TlsLevel.Mutual ? [] : StreamProtocols.All,
    };

    private TlsServerOptions Options(TlsMaterial material, ConsoleLog log) => new()
    {
        Identity = material.Identity!,
        TrustedRoots = material.TrustedRoots,
        Protocols = material.Protocols,
        HandshakeTimeout = material.HandshakeTimeout,
        RequireClientCertificate = material.Level == TlsLevel.Mutual,
        Policy = material.Policy,
        PartialChain = material.PartialChain,
        Admission = material.Admission,
        MaxClientChainBytes = settings.MaxClientChainBytes,
        OnLegacyPeer = peer => log.Event(ProblemText.Of(peer).ToString(), new LogFacts("legacy-peer")),
    };

    // Not part of the method that calls it: that one would load ASP.NET Core for everybody.
    private async Task<IHttpService> StartHttpAsync(
        IReadOnlyList<IPEndPoint[]> addresses, ConnectionHost host, ConnectionAnnouncer announcer, ConsoleLog log)
    {
        IPEndPoint[] endPoints = [.. addresses.SelectMany(LocalAddresses.ThatAreHere)];
        Action<string>? onAnswered = settings.Detail == Detail.Verbose ? l => log.Event(l, new LogFacts("request")) : null;
        return await HttpService.StartAsync(
            endPoints, host, settings.Proxy, UsesTls ? Options(settings.Tls, log) : null, () => _material, announcer.OnConnected, log,
            onAnswered);
    }

    private async Task<IAdminService> StartAdminAsync(
        IReadOnlyList<IPEndPoint[]> addresses, ConnectionHost host, IHttpService? http, ConsoleLog log)
    {
        IPEndPoint[] endPoints = [.. addresses.SelectMany(LocalAddresses.ThatAreHere)];
        TlsServerOptions? tls = settings.AdminUsesTls ? Options(settings.Tls, log) : null;
        return await AdminService.StartAsync(endPoints, tls, () => host.Statistics, () => http?.Requests ?? 0, log);
    }

    private static List<IPEndPoint> Listen(ConnectionHost host, IReadOnlyList<IPEndPoint[]> addresses, IConnectionHandler handler) =>
        [.. addresses.SelectMany(LocalAddresses.ThatAreHere).Select(
            // As Kestrel for --http and --admin: any address of IPv6 is any address at all.
            endPoint => host.Listen(endPoint, handler, dualMode: endPoint.Address.Equals(IPAddress.IPv6Any)))];

    private static async Task<IReadOnlyList<IPEndPoint[]>> ResolveAsync(IReadOnlyList<HostPort> hosts)
    {
        var resolved = new List<IPEndPoint[]>();
        foreach (HostPort host in hosts) resolved.Add(await HostNames.ResolveAsync(host));
        return resolved;
    }
}
