using System.Diagnostics;
using System.Globalization;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Faults;

namespace RawEcho.Soak;

/// <summary>A server, a steady load that must never notice anything, and cycle after cycle of work and rest.</summary>
internal sealed class SoakRun(TimeSpan time, int seed)
{
    private const int SteadyClients = 8;
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly List<Sample> _samples = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        Say($"Soak of {time.TotalMinutes:0} min, seed {seed}. A steady load of {SteadyClients} connections; churn, faults and strangers in cycles; a sample at the end of each, at rest.");
        using var server = new Child("rawecho-server", ["--listen", "127.0.0.1:0", .. Layout.Certificates("server"), "--quiet", "--handshake-timeout", "3s", "--write-timeout", "5s", "--idle-timeout", "30s"]);
        const string listening = "Listening on ";
        IPEndPoint endPoint = IPEndPoint.Parse((await server.WaitForLineAsync(listening, Limit))[listening.Length..]);
        using var steady = new Child("rawecho-client", ["--server", endPoint.ToString(), .. Layout.Certificates("client"), "--clients", $"{SteadyClients}", "--duration", "500h", "--size", "1-1000", "--quiet"]);
        await using var proxy = new FaultProxy(endPoint, new FaultOptions { Seed = seed, Share = 0.3 });
        var workload = new Workload(endPoint, proxy);
        try
        {
            // One more cycle fits as long as the last one did; three samples are the least that say anything.
            while (!cancellation.IsCancellationRequested && (_clock.Elapsed < time || _samples.Count < 3))
            {
                await workload.RunAsync(Work);
                await RestAsync(server);
                if (steady.HasExited) throw new SoakException($"The steady load ended: {string.Join(" | ", steady.Lines.TakeLast(3))}");
            }

            await EndAsync(server, steady);
        }
        catch (SoakException e)
        {
            Say($"FAILED (seed {seed}, after {_clock.Elapsed.TotalMinutes:0.0} min): {e.Message}");
            return SoakCommand.Failed;
        }

        Say($"Faults of the proxy in {proxy.Connections} connections: {string.Join(", ", proxy.Done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}");
        return Judge();
    }

    // At rest nothing is open but the steady load.
    private async Task RestAsync(Child server)
    {
        // The listener, the steady connections, and those that the runtime keeps for itself.
        int allowed = (_samples.Count == 0 ? 0 : _samples[0].Descriptors) is > 0 and var first ? first : SteadyClients + 8;
        var waiting = Stopwatch.StartNew();
        while (Sample.CountSockets(server.Id) > allowed)
        {
            if (server.HasExited) throw new SoakException($"The server ended: {string.Join(" | ", server.Lines.TakeLast(3))}");
            if (waiting.Elapsed > Limit) throw new SoakException($"{Sample.CountSockets(server.Id)} sockets are open at rest, and not {allowed}");
            await Task.Delay(100);
        }

        _samples.Add(Sample.Take(server.Id, _clock.Elapsed));
        Sample s = _samples[^1];
        Say($"{s.At.TotalMinutes,6:0.0} min: memory {s.MemoryMiB:0.0} MiB, sockets {s.Descriptors}, threads {s.Threads}");
    }

    private static async Task EndAsync(Child server, Child steady)
    {
        steady.Terminate();
        int code = await steady.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The steady load ended with exit code {code}: {string.Join(" | ", steady.Lines.TakeLast(3))}");
        server.Terminate();
        code = await server.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The server ended with exit code {code}");
        foreach (string line in steady.Lines.Where(l => l.StartsWith("Round trips", StringComparison.Ordinal) || l.StartsWith("Mismatches", StringComparison.Ordinal))) Say($"Steady load: {line}");
        foreach (string line in server.Lines.Where(l => l.StartsWith("Connections", StringComparison.Ordinal) || l.StartsWith("Handshakes", StringComparison.Ordinal) || l.StartsWith("Endings", StringComparison.Ordinal)))
        {
            Say($"Server: {line}");
            if (line.Contains("HandlerFault", StringComparison.Ordinal)) throw new SoakException("A handler of the server threw.");
        }
    }

    private int Judge()
    {
        // What a garbage collector and a thread pool do between two looks is no growth.
        double memoryTolerance = 4 + (_samples[0].MemoryMiB * 0.05);
        (string Line, bool Holds)[] verdicts =
        [
            Plateau.Judge("Memory", "MiB", _samples, s => s.MemoryMiB, memoryTolerance),
            Plateau.Judge("Sockets", "", _samples, s => s.Descriptors, tolerance: 0),
            Plateau.Judge("Threads", "", _samples, s => s.Threads, tolerance: 3),
        ];
        foreach ((string line, _) in verdicts) Say(line);
        return verdicts.All(v => v.Holds) ? ExitCode.Success : SoakCommand.Failed;
    }

    private static void Say(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Say(string line) => Console.Out.WriteLine(line);
}
