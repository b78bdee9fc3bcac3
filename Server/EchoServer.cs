using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Otlp;
using RawEcho.Server.Admin;
using RawEcho.Server.Http;
using RawEcho.Server.Listening;
using RawEcho.Server.Streams;
using RawEcho.Server.Supervision;
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
        IReadOnlyList<(SocketUse Use, IPEndPoint EndPoint)> wanted = await ResolveAsync();
        await using var log = new ConsoleLog(StandardStreams.Output, settings.LogFormat);
        using var stop = new StopSignal(onQuitKey: true, hangUpReloads: UsesTls);
        using Takeover? takeover = settings.Handover is { } waitsAt ? await Takeover.TryBeginAsync(waitsAt) : null;
        using ServerSockets sockets =
            ServerSockets.Open(wanted, settings.Managed, takeover?.Sockets ?? [], settings.Engine.Backlog);

        var announcer = new ConnectionAnnouncer(new ModeHandler(new EchoHandler()), log, settings.Detail, UsesTls);
        await using var host = new ConnectionHost(settings.Engine, announcer);
        using var meter = new ServerMeter(() => host.Statistics);
        using OtlpMetrics? export = OtlpExport.StartIfAsked(
            "rawecho-server", EngineTelemetry.MeterName, ServerMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel");
        // Everything listens already, and nothing accepts.
        Introduce(log, sockets, host);
        IConnectionHandler handler = Handler(announcer, log, out TlsServerHandler? tls);
        foreach (Socket socket in sockets.Of(SocketUse.Echo)) host.Listen(socket, handler);
        await using IHttpService? http =
            sockets.Of(SocketUse.Http) is { Count: > 0 } httpAt ? await StartHttpAsync(httpAt, host, announcer, log) : null;
        await using IAdminService? admin =
            sockets.Of(SocketUse.Admin) is { Count: > 0 } adminAt ? await StartAdminAsync(adminAt, host, http, log) : null;
        Func<TlsMaterial, int> apply = fresh => Apply(fresh, tls, http, admin, log);
        Action<string> report = line => log.Event(line, new LogFacts("reload"));
        await using TlsReload? reload =
            UsesTls ? new TlsReload(settings.Tls, settings.ReloadTls, apply, report, settings.ReloadInterval) : null;
        await using HandoverPoint? handover = await BeginHandoverAsync(takeover, sockets, log);
        string toStop = KeyPress.Possible ? "Press q or Ctrl-C" : StopSignal.Ways;
        log.Line(
            $"Server started (PID {Environment.ProcessId}, {EngineProcess.EventLoops} event loops). {toStop} to stop.",
            new LogFacts("started", ("pid", Environment.ProcessId), ("eventLoops", EngineProcess.EventLoops)));
        log.Rule();
        Func<string> status = () => string.Create(CultureInfo.InvariantCulture, $"{host.Statistics.ConnectionsOpen} clients connected");
        await using ServiceManager? manager = ServiceManager.Begin(status, line => Warn(log, line));

        var running = Stopwatch.StartNew();
        string why = await WaitForEndAsync(stop, handover, admin, log);
        manager?.Stopping();
        long open = host.Statistics.ConnectionsOpen;
        log.Event($"Stopping ({why}): {open} clients connected; draining.", new LogFacts("stopping", ("why", why), ("clients", open)));
        await Task.WhenAll(host.StopAsync(settings.DrainTimeout), http?.StopAsync(settings.DrainTimeout) ?? Task.CompletedTask);
        announcer.ReportRest();
        string[] lines = [.. StatisticsText.Lines(host.Statistics, running.Elapsed), .. http?.Statistics ?? []];
        log.Lines(lines, "Stopped.", StatisticsText.Facts(host.Statistics, running.Elapsed, http?.Requests));
        return ExitCode.Success;
    }

    private void Introduce(ConsoleLog log, ServerSockets sockets, ConnectionHost host)
    {
        foreach (Note note in settings.Tls.Notes) log.Line(note.ToString(), new LogFacts(note.IsWarning ? "warning" : "note"));
        if (UsesTls && !EngineProcess.IsServerSessionCacheOff)
        {
            log.Line("WARNING: The TLS session cache cannot be turned off: refused peers cost memory.", new LogFacts("warning"));
        }

        foreach (IPEndPoint address in sockets.AddressesOf(SocketUse.Echo)) log.Line($"Listening on {address}", At("listening", address));
        foreach (IPEndPoint address in sockets.AddressesOf(SocketUse.Http))
            log.Line($"Serving HTTP on {Url(address, UsesTls)}", At("serving-http", Url(address, UsesTls)));
        foreach (IPEndPoint address in sockets.AddressesOf(SocketUse.Admin))
            log.Line($"Admin pages on {Url(address, settings.AdminUsesTls)}", At("serving-admin", Url(address, settings.AdminUsesTls)));
        foreach (string line in Reach.Lines([.. sockets.All.Select(s => s.EndPoint.Address)])) log.Line(line, new LogFacts("note"));
        if (host.MaxConnections >= settings.Engine.MaxConnections) return;
        log.Line(
            $"Room for {host.MaxConnections} connections, not {settings.Engine.MaxConnections}: file descriptors (ulimit -n).",
            new LogFacts("warning", ("maxConnections", host.MaxConnections)));
    }

    /// <summary>Lets the server go that this one replaces, and waits for the one that is to replace this one.</summary>
    private async Task<HandoverPoint?> BeginHandoverAsync(Takeover? takeover, ServerSockets sockets, ConsoleLog log)
    {
        if (settings.Handover is not { } path) return null;
        Action<string> report = line => Warn(log, line);
        if (takeover is null) return HandoverPoint.Open(path, sockets, report);
        string how = await takeover.CompleteAsync() ? "stops now" : "has ended, or does not answer";
        log.Event(
            $"Process {takeover.ProcessId} has handed its sockets over, and {how}.",
            new LogFacts("took-over", ("pid", takeover.ProcessId)));
        try
        {
            return HandoverPoint.Open(path, sockets, report);
        }
        catch (CommandException e)
        {
            // The other server is gone already: this one has to serve.
            report($"{e.Message} This server can only be restarted, and not replaced.");
            return null;
        }
    }

    /// <summary>Waits until the server is to end its connections, and sees to it that new ones are somebody else's by then.</summary>
    /// <returns>Why it is to end.</returns>
    private async Task<string> WaitForEndAsync(StopSignal stop, HandoverPoint? handover, IAdminService? admin, ConsoleLog log)
    {
        Task duration = Task.Delay(settings.Duration);
        Task first = await Task.WhenAny(handover is null ? [stop.Asked, duration] : [stop.Asked, duration, handover.Replaced]);
        if (handover is not null && first == handover.Replaced)
        {
            // Whoever asks whether the server is ready is to be answered by the new one.
            if (admin is not null) await admin.StopAsync();
            await handover.LetGoAsync();
            int process = await handover.Replaced;
            return string.Create(CultureInfo.InvariantCulture, $"replaced by process {process}");
        }

        string why = first == duration ? "--duration is over" : await stop.Asked;
        // First, so that nobody who reads of the stop finds the server ready.
        admin?.BeginDrain();
        if (handover is not null) await handover.DisposeAsync();
        if (settings.DrainDelay == TimeSpan.Zero) return why;
        double seconds = settings.DrainDelay.TotalSeconds;
        log.Event(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Stopping ({why}): not ready any more; still accepting for {seconds:0.###} s, so that balancers notice."),
            new LogFacts("unready", ("why", why), ("seconds", seconds)));
        await Task.Delay(settings.DrainDelay);
        return why;
    }

    private static void Warn(ConsoleLog log, string line) => log.Event(line, new LogFacts("warning"));

    private static string Url(IPEndPoint address, bool usesTls) => $"{(usesTls ? "https" : "http")}://{address}/";

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
        IReadOnlyList<Socket> sockets, ConnectionHost host, ConnectionAnnouncer announcer, ConsoleLog log)
    {
        Action<string>? onAnswered = settings.Detail == Detail.Verbose ? l => log.Event(l, new LogFacts("request")) : null;
        return await HttpService.StartAsync(
            sockets, host, settings.Proxy, UsesTls ? Options(settings.Tls, log) : null, () => _material, announcer.OnConnected, log,
            onAnswered);
    }

    private async Task<IAdminService> StartAdminAsync(
        IReadOnlyList<Socket> sockets, ConnectionHost host, IHttpService? http, ConsoleLog log)
    {
        TlsServerOptions? tls = settings.AdminUsesTls ? Options(settings.Tls, log) : null;
        return await AdminService.StartAsync(sockets, tls, () => host.Statistics, () => http?.Requests ?? 0, log);
    }

    private async Task<IReadOnlyList<(SocketUse Use, IPEndPoint EndPoint)>> ResolveAsync()
    {
        var resolved = new List<(SocketUse, IPEndPoint)>();
        (SocketUse, IReadOnlyList<HostPort>)[] all =
            [(SocketUse.Echo, settings.Listen), (SocketUse.Http, settings.Http), (SocketUse.Admin, settings.Admin is { } at ? [at] : [])];
        foreach ((SocketUse use, IReadOnlyList<HostPort> hosts) in all)
        {
            foreach (HostPort host in hosts)
                resolved.AddRange(LocalAddresses.ThatAreHere(await HostNames.ResolveAsync(host)).Select(e => (use, e)));
        }

        return resolved;
    }
}
