using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Client;

/// <summary>The client from start to end: connect all, start, watch, stop, report.</summary>
internal sealed class LoadProgram(ClientSettings settings)
{
    private const int ConnectsAtATime = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly List<LoadClient> _clients = [];
    private readonly FailureList _failures = new();
    private readonly StatusLine _status = new(settings.Quiet);

    public async Task<int> RunAsync()
    {
        IPEndPoint[] addresses = await HostNames.ResolveAsync(settings.Server);
        foreach (string note in settings.Tls.Notes.Where(_ => !settings.Quiet)) await Console.Error.WriteLineAsync(note);

        using var stop = new StopSignal(onKeyPress: false);
        using var giveUp = new CancellationTokenSource();
        using var run = new LoadRun(settings.Shape);
        await using var host = new ConnectionHost(settings.Engine);
        for (int i = 0; i < settings.Shape.Clients; i++) _clients.Add(new LoadClient(run, run.QuotaOf(i), describe: i == 0 || settings.Verbose));

        using var meter = new ClientMeter(() => _clients.Sum(c => c.RoundTrips), run.AddLatencies);
        Task all = Task.WhenAll(ConnectAll(host, addresses, giveUp.Token));
        Task ready = Task.WhenAll(_clients.Select(c => c.Ready));
        await ShowUntilAsync(Task.WhenAny(ready, all, _failures.First, stop.Asked), () => $"Connecting to {settings.Server}: {run.Ready} of {settings.Shape.Clients}");

        if (ready.IsCompleted)
        {
            DescribeConnections();
            await WaitForStartAsync(stop, all);
            if (!stop.Asked.IsCompleted)
            {
                run.Start();
                await LoadAsync(run, all, stop);
            }
        }

        TimeSpan elapsed = run.Elapsed(allDone: false);
        bool interrupted = stop.Asked.IsCompleted;
        run.Stop();
        bool connected = ready.IsCompleted;
        await giveUp.CancelAsync();
        if (!connected) await host.StopAsync(TimeSpan.Zero);
        await Task.WhenAny(all, Task.Delay(settings.DrainTimeout));
        await host.StopAsync(TimeSpan.Zero);
        await all;
        _status.Clear();

        // With a number of messages, the run is over with the last echo; with a time, when that is.
        if (settings.Shape.Messages is not null && _clients.TrueForAll(c => c.IsDone)) elapsed = run.Elapsed(allDone: true);
        if (connected) Console.Out.Write(new LoadReport(settings, _clients, run.Latencies(), host.Statistics.Io, elapsed, interrupted).Text);
        _failures.WriteTo(Console.Error);
        return interrupted && !connected ? ExitCode.Interrupted : _failures.ExitCode;
    }

    private Task[] ConnectAll(ConnectionHost host, IPEndPoint[] addresses, CancellationToken giveUp)
    {
        IConnectionHandler handler = settings.Tls.Level == TlsLevel.None
            ? new LoadHandler()
            : new TlsClientHandler(new LoadHandler(), new TlsClientOptions
            {
                ServerName = settings.ServerName,
                Identity = settings.Tls.Identity,
                TrustedRoots = settings.Tls.TrustedRoots,
                Protocols = settings.Tls.Protocols,
                HandshakeTimeout = settings.Tls.HandshakeTimeout,
            });
        var places = new SemaphoreSlim(ConnectsAtATime);
        return [.. _clients.Select(ConnectAsync)];

        async Task ConnectAsync(LoadClient client)
        {
            await places.WaitAsync(CancellationToken.None);
            // The place is free again when the handshake is over, whichever way, and not when the connection is.
            Task<ClientFailure?> connection = TryEachAsync(host, addresses, handler, client, giveUp);
            await Task.WhenAny(client.Ready, connection);
            places.Release();
            if (await connection is { } failure) _failures.Add(failure);
        }
    }

    private async Task<ClientFailure?> TryEachAsync(
        ConnectionHost host, IPEndPoint[] addresses, IConnectionHandler handler, LoadClient client, CancellationToken giveUp)
    {
        ClientFailure? failure = null;
        foreach (IPEndPoint address in addresses)
        {
            try
            {
                if (giveUp.IsCancellationRequested) return null;
                ConnectionEnd end = await host.ConnectAsync(address, handler, client, giveUp);
                return ClientFailure.Of(client, end, settings.Tls.Level);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (ConnectException e)
            {
                // Of several addresses the first one's failure says most: localhost means 127.0.0.1 to most people.
                failure ??= ClientFailure.Of(e);
            }
        }

        return failure;
    }

    private async Task WaitForStartAsync(StopSignal stop, Task all)
    {
        if (!settings.Wait) return;
        _status.Clear();
        await Console.Out.WriteLineAsync($"{settings.Shape.Clients} clients connected. Press any key to start sending and receiving.");
        using var cancel = new CancellationTokenSource();
        Task pressed = KeyPress.Possible ? KeyPress.WaitAsync(cancel.Token) : Task.Run(Console.In.ReadLine);
        await Task.WhenAny(pressed, all, _failures.First, stop.Asked);
        await cancel.CancelAsync();
    }

    private async Task LoadAsync(LoadRun run, Task all, StopSignal stop)
    {
        Task time = settings.Shape.Duration is { } duration ? Task.Delay(duration) : Task.Delay(Timeout.Infinite);
        long before = 0;
        TimeSpan beforeAt = TimeSpan.Zero;
        await ShowUntilAsync(Task.WhenAny(time, all, stop.Asked), () =>
        {
            AbortLateEchoes();
            long now = _clients.Sum(c => c.RoundTrips);
            TimeSpan at = run.Elapsed(allDone: false);
            double rate = (now - before) / Math.Max(0.001, (at - beforeAt).TotalSeconds);
            (before, beforeAt) = (now, at);
            string left = settings.Shape.Duration is { } d ? $"{Math.Max(0, (d - at).TotalSeconds):0} s left" : $"{run.Shape.Messages - now:N0} messages left";
            return FormattableString.Invariant($"{at.TotalSeconds:0} s: {now:N0} round trips, {rate:N0} per second, {_failures.Count} failures, {left}");
        });
    }

    private void AbortLateEchoes()
    {
        if (settings.EchoTimeout == Timeout.InfiniteTimeSpan) return;
        long latest = Environment.TickCount64 - (long)settings.EchoTimeout.TotalMilliseconds;
        foreach (LoadClient client in _clients)
        {
            if (client is { Owed: > 0, Connection: { } connection } && connection.Io.LastProgress < latest)
                connection.Abort(CloseReason.IdleTimeout, FormattableString.Invariant($"The server sent nothing for {settings.EchoTimeout.TotalSeconds:0.###} s (--echo-timeout)."));
        }
    }

    private async Task ShowUntilAsync(Task end, Func<string> text)
    {
        while (await Task.WhenAny(end, Task.Delay(Tick)) != end) _status.Show(text());
    }

    private void DescribeConnections()
    {
        if (settings.Quiet) return;
        _status.Clear();
        IEnumerable<LoadClient> described = settings.Verbose ? _clients : _clients.Take(1);
        foreach (LoadClient client in described)
        {
            Console.Out.WriteLine($"Connected {client.Connection!.LocalEndPoint} to server {client.Connection.RemoteEndPoint}");
            foreach (string line in client.Tls is { } tls ? ConnectionDescription.Lines(tls) : []) Console.Out.WriteLine(line);
        }

        Console.Out.WriteLine($"{settings.Shape.Clients} clients connected.");
    }
}
