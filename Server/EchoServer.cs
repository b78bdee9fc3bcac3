using System.Diagnostics;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Terminal;

namespace RawEcho.Server;

/// <summary>The server from start to stop: listen, echo, drain, statistics.</summary>
internal sealed class EchoServer(ServerSettings settings)
{
    public async Task<int> RunAsync()
    {
        EngineProcess.Configure(settings.Process);
        // Names are looked up before anything is opened: nothing half-started remains of a bad one.
        IReadOnlyList<IPEndPoint[]> addresses = await ResolveAsync();
        await using var log = new ConsoleLog(StandardStreams.Output);
        using var stop = new StopSignal(onKeyPress: true, hangUpReloads: settings.Tls.Level != TlsLevel.None);

        var announcer = new ConnectionAnnouncer(new EchoHandler(), log, settings.Detail, usesTls: settings.Tls.Level != TlsLevel.None);
        await using var host = new ConnectionHost(settings.Engine, announcer);
        using var meter = new ServerMeter(() => host.Statistics);
        IReadOnlyList<IPEndPoint> listening = Listen(host, addresses, Handler(announcer, log, out TlsServerHandler? tls));
        await using TlsReload? reload = tls is null
            ? null
            : new TlsReload(settings.Tls, settings.ReloadTls, fresh => tls.Update(Options(fresh, log)), log.Event, settings.ReloadInterval);
        foreach (Note note in settings.Tls.Notes) log.Line(note.ToString());
        if (tls is not null && !EngineProcess.IsServerSessionCacheOff)
        {
            log.Line(
                "WARNING: The session cache of the TLS library cannot be turned off here: peers that are refused may leave memory behind.");
        }

        foreach (IPEndPoint endPoint in listening) log.Line($"Listening on {endPoint}");
        if (host.MaxConnections < settings.Engine.MaxConnections)
        {
            log.Line(
                $"Room for {host.MaxConnections} connections and not {settings.Engine.MaxConnections}: "
                + "file descriptors (ulimit -n) allow no more.");
        }

        string toStop = KeyPress.Possible ? "Press any key or Ctrl-C" : "Ctrl-C or SIGTERM";
        log.Line($"Server started (PID {Environment.ProcessId}, {EngineProcess.EventLoops} event loops). {toStop} to stop.");
        log.Line(new string('-', 80));

        var running = Stopwatch.StartNew();
        string why = await Task.WhenAny(stop.Asked, Task.Delay(settings.Duration)) == stop.Asked ? await stop.Asked : "--duration is over";
        log.Event($"Stopping ({why}): {host.Statistics.ConnectionsOpen} clients connected; draining.");
        await host.StopAsync(settings.DrainTimeout);
        announcer.ReportRest();
        foreach (string line in StatisticsText.Lines(host.Statistics, running.Elapsed)) log.Line(line);
        return ExitCode.Success;
    }

    private IConnectionHandler Handler(ConnectionAnnouncer announcer, ConsoleLog log, out TlsServerHandler? tls)
    {
        tls = settings.Tls.Level == TlsLevel.None ? null : new TlsServerHandler(announcer, Options(settings.Tls, log));
        return tls is null ? new EchoHandler(announcer.OnConnected) : tls;
    }

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
        OnLegacyPeer = peer => log.Event(ProblemText.Of(peer).ToString()),
    };

    private static List<IPEndPoint> Listen(ConnectionHost host, IReadOnlyList<IPEndPoint[]> addresses, IConnectionHandler handler)
    {
        var listening = new List<IPEndPoint>();
        foreach (IPEndPoint[] sameName in addresses)
        {
            // localhost is 127.0.0.1 and ::1, and a machine without IPv6 still has a localhost.
            ListenException? failure = null;
            int before = listening.Count;
            foreach (IPEndPoint endPoint in sameName)
            {
                try
                {
                    listening.Add(host.Listen(endPoint, handler));
                }
                catch (ListenException e) when (e.IsAddressMissing && sameName.Length > 1)
                {
                    failure = e;
                }
            }

            if (listening.Count == before) throw failure!;
        }

        return listening;
    }

    private async Task<IReadOnlyList<IPEndPoint[]>> ResolveAsync()
    {
        var resolved = new List<IPEndPoint[]>();
        foreach (HostPort listen in settings.Listen) resolved.Add(await HostNames.ResolveAsync(listen));
        return resolved;
    }
}
