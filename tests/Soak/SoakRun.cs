using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using RawEcho.CommandLine;
using RawEcho.Faults;
using RawEcho.Terminal;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>A server, a steady load that must never notice anything, and cycle after cycle of work and rest.</summary>
/// <param name="time">How long.</param>
/// <param name="seed">What the faults of the proxy follow from.</param>
/// <param name="arenas">Heaps of the C library in the server (MALLOC_ARENA_MAX); 0 for its own default, which is what users run.</param>
/// <param name="csv">Where the series goes.</param>
internal sealed class SoakRun(TimeSpan time, int seed, int arenas, string csv)
{
    private const int SteadyClients = 8;
    private const int SteadyRate = 2000;
    private const int LeastSamples = 3;
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // Two seconds until the server takes itself for quiet, and a second at most until its next sweep.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(4);

    private readonly List<Sample> _samples = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<int> RunAsync()
    {
        Say($"Soak of {time.TotalMinutes:0} min, seed {seed}, malloc arenas: {(arenas == 0 ? "default" : arenas)}. "
            + $"A steady load of {SteadyClients} connections; handshakes of all kinds, churn, faults and strangers in cycles; "
            + "a sample at the end of each, while the load is stopped.");
        using var stop = new StopSignal(onQuitKey: false);
        using var series = new Series(csv);
        try
        {
            await RunAsync(series, stop.Asked);
        }
        catch (SoakException e)
        {
            // Ctrl-C of a terminal goes to the programs as well: what they say then is no failure.
            await Task.WhenAny(stop.Asked, Task.Delay(TimeSpan.FromSeconds(1)));
            if (!stop.Asked.IsCompleted)
            {
                Say($"FAILED (seed {seed}, after {_clock.Elapsed.TotalMinutes:0.0} min): {e.Message}");
                return SoakCommand.Failed;
            }
        }

        bool holds = Evaluate(series.Minutes);
        if (!stop.Asked.IsCompleted) return holds ? ExitCode.Success : SoakCommand.Failed;
        Say($"Interrupted by {await stop.Asked} after {_clock.Elapsed.TotalMinutes:0.0} of {time.TotalMinutes:0} min.");
        return ExitCode.Interrupted;
    }

    private async Task RunAsync(Series series, Task stop)
    {
        using var certificates = new SoakCertificates();
        using Child server = StartServer(certificates);
        IPEndPoint endPoint = await server.ListensAsync(Limit);
        using var collector = new CollectorWatch(server.Id);
        using var steady = new Child(
            "rawecho-client",
            [
                "--server", endPoint.ToString(), .. certificates.Client, .. Layout.Patient,
                "--clients", $"{SteadyClients}", "--rate", $"{SteadyRate}", "--duration", "500h", "--size", "1-1000", "--quiet",
            ]);
        await using var proxy = new FaultProxy(endPoint, new FaultOptions { Seed = seed, Share = 0.3 });
        var churn = new HandshakeChurn(endPoint, certificates);
        var workload = new Workload(
            endPoint, proxy, certificates, churn, new Strangers(endPoint, await ClientHello.MakeAsync(SslProtocols.Tls12)));
        try
        {
            // One more cycle fits as long as the last one did.
            while (!stop.IsCompleted && (_clock.Elapsed < time || _samples.Count < LeastSamples))
            {
                await workload.RunAsync(Work);
                await RestAsync(server, steady, collector);
                if (steady.HasExited) throw new SoakException($"The steady load ended: {string.Join(" | ", steady.Lines.TakeLast(3))}");
                series.Add(_samples[^1], churn);
            }

            await EndAsync(server, steady);
        }
        finally
        {
            await ReportAsync(server);
            series.Close(churn.ToString());
            Say($"Handshakes of the peers: {churn}");
            string faults = string.Join(", ", proxy.Done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"));
            Say($"Faults of the proxy in {proxy.Connections} connections: {faults}");
        }
    }

    // Deadlines that no good client meets, however busy the machine is. Strangers wait for them in some of the cycles.
    private Child StartServer(SoakCertificates certificates) => new(
        "rawecho-server",
        [
            "--listen", "127.0.0.1:0",
            .. certificates.Server, "--quiet", "--handshake-timeout", "3m", "--write-timeout", "3m", "--idle-timeout", "10m",
        ],
        arenas == 0 ? null : new Dictionary<string, string> { ["MALLOC_ARENA_MAX"] = arenas.ToString(CultureInfo.InvariantCulture) });

    // At rest nothing is open but the steady load.
    private async Task RestAsync(Child server, Child steady, CollectorWatch collector)
    {
        // The listener, the steady connections, and those that the runtime keeps for itself and for rawecho-diagnostics.
        int allowed = _samples.Count == 0 ? SteadyClients + 9 : (int)_samples[0].Sockets;
        var waiting = Stopwatch.StartNew();
        while (ProcessSockets.Count(server.Id) > allowed)
        {
            if (server.HasExited) throw new SoakException($"The server ended: {string.Join(" | ", server.Lines.TakeLast(3))}");
            if (waiting.Elapsed > Limit)
                throw new SoakException($"{ProcessSockets.Count(server.Id)} sockets are open at rest, and not {allowed}");
            await Task.Delay(100);
        }

        // What a busy server holds at some moment says little: heaps of the C library go up and down by megabytes. While the steady load is
        // stopped, the server finds itself quiet and gives back what it can, so what is left is what it keeps.
        steady.Pause();
        try
        {
            await Task.Delay(Quiet);
            CollectorState state = await collector.NextAsync();
            _samples.Add(Sample.Take(server.Id, _clock.Elapsed, state));
        }
        finally
        {
            if (!steady.HasExited) steady.Resume();
        }
    }

    private static async Task EndAsync(Child server, Child steady)
    {
        steady.Terminate();
        int code = await steady.ExitAsync(Limit);
        if (code != ExitCode.Interrupted)
            throw new SoakException($"The steady load ended with exit code {code}: {string.Join(" | ", steady.Lines.TakeLast(3))}");
        server.Terminate();
        code = await server.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The server ended with exit code {code}");
        foreach (string line in steady.Lines)
        {
            if (line.StartsWith("Round trips", StringComparison.Ordinal) || line.StartsWith("Mismatches", StringComparison.Ordinal))
                Say($"Steady load: {line}");
        }
    }

    // What it counted says most when something went wrong.
    private static async Task ReportAsync(Child server)
    {
        if (!server.HasExited) server.Terminate();
        await server.ExitAsync(Limit);
        string[] reported = ["Connections", "Handshakes", "Endings"];
        foreach (string line in server.Lines.Where(l => reported.Any(r => l.StartsWith(r, StringComparison.Ordinal))))
        {
            Say($"Server: {line}");
            if (line.Contains("HandlerFault", StringComparison.Ordinal)) throw new SoakException("A handler of the server threw.");
        }
    }

    private bool Evaluate(IReadOnlyList<Sample> minutes)
    {
        if (_samples.Count < LeastSamples)
        {
            Say($"{_samples.Count} samples: too few for a verdict.");
            return false;
        }

        IReadOnlyList<Verdict> verdicts = Verdict.Evaluate(_samples[^1].At >= Verdict.Long ? minutes : _samples);
        foreach (Verdict verdict in verdicts) Say(verdict.Line);
        Say(Verdict.Meaning(_samples[^1].At));
        return verdicts.All(v => v.Holds);
    }

    private static void Say(string line) => Console.Out.WriteLine(line);
}
