using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>A recording and a run such as real ones are, the same each time.</summary>
internal static class Samples
{
    public const int Seconds = 30;
    public const int ClientEnd = 26;
    public const int Echoes = 49_876;

    public static readonly DateTimeOffset Started = new(2026, 11, 21, 0, 30, 15, TimeSpan.Zero);

    public static readonly ProcessDescription Server = new()
    {
        Pid = 4711,
        Name = "rawecho-server",
        Description = "RawEcho server",
        Role = "server",
        Runtime = ".NET 10.0.12",
        GcMode = "workstation, non-concurrent",
        User = "rawecho",
        Started = Started.AddSeconds(-3),
    };

    public static readonly ProcessDescription Client = Server with
    {
        Pid = 4720,
        Name = "rawecho-client",
        Description = "RawEcho client",
        Role = "client",
    };

    /// <summary>
    /// Server and client for 30 s; the client ends after 26, and the GC rows of the server are absent in seconds 10 to 14.
    /// </summary>
    public static RecordingData Recording()
    {
        var random = new Random(7);
        List<Sample> samples = [];
        for (int second = 1; second <= Seconds; second++)
        {
            bool loaded = second is > 2 and <= ClientEnd;
            double rate = loaded ? 112_000 + (9_000 * Math.Sin(second / 3.0)) + random.Next(-3000, 3000) : 0;
            samples.Add(new Sample(second, Server.Pid, Values(random, rate, loaded, cpu: 98, memory: 61, withGc: second is < 10 or > 14)));
            if (second <= ClientEnd)
                samples.Add(new Sample(second + 0.01, Client.Pid, Values(random, rate, loaded, cpu: 81, memory: 83, withGc: true)));
        }

        return new RecordingData(
            new RecordingHeader(
                Started, TimeSpan.FromSeconds(1), new Machine("bench", "Debian GNU/Linux 12", 2, 8L << 30), "rawecho-diagnostics 0.1.0"),
            [Server, Client],
            samples,
            [new RecordingEvent(ClientEnd + 0.4, Client.Pid, EventKind.Ended, "It ended with exit code 0.")]);
    }

    /// <summary>An open-loop run of 10 s against a server that stalls for a second after 5 s.</summary>
    public static RunResult Run()
    {
        var random = new Random(11);
        return new RunResult
        {
            StartedAt = Started,
            Machine = new MachineResult("bench", "Debian GNU/Linux 12", 2, ".NET 10.0.12"),
            Settings = new SettingsResult
            {
                Servers = [new ServerResult("localhost:7443", ["127.0.0.1:7443"])],
                Tls = "mutual",
                Loop = "open",
                Clients = 64,
                Rate = 5000,
                Depth = 1,
                Size = "1-100",
                Seed = 11,
                RampSeconds = 0,
                WarmupSeconds = 0,
                DurationSeconds = 10,
                Reconnect = false,
            },
            Tls = new TlsResult("Tls13", "TLS_AES_256_GCM_SHA384"),
            Seconds = 10,
            Interrupted = false,
            RoundTrips = Echoes,
            RoundTripsPerSecond = Echoes / 10.0,
            Unanswered = 0,
            BytesSent = 2_519_000,
            BytesReceived = 2_519_000,
            Mismatches = 0,
            Connections = new ConnectionsResult(64, Lost: 2, Replaced: 0),
            Rate = new RateResult(5000, Late: 4_820, LateAfterNs: 1_000_000, Unsent: 124),
            ServiceLatency = Latency(p => 0.0005 + (0.004 * Math.Pow(p / 100, 40)), 0.9),
            CorrectedLatency = Latency(
                p => p < 90 ? 0.00054 + (0.002 * Math.Pow(p / 100, 30)) : 0.003 + (Math.Min(1, (p - 90) / 9) * 0.98), 1.001),
            Series = [.. Enumerable.Range(1, 10).Select(s => Second(s, random))],
            Errors = [new ErrorResult("ConnectionLost", 2, "127.0.0.1:40312: the server reset the connection while an echo was owed.", 7)],
            Conditions = [new ConditionResult("p99>5ms", "991 ms", Met: true), new ConditionResult("rps<4000", "4,988/s", Met: false)],
            ExitCode = 7,
        };
    }

    /// <summary>Two of three members of a fleet, the second of them slow.</summary>
    public static RunResult Fleet()
    {
        var at = new StartResult(Started, 0.002);
        MergedResult Member(int number, double perSecond, long p99, StartResult start) =>
            new($"member-{number}.json", $"node{number}", Started, 10, (long)perSecond * 10)
            {
                FleetMember = new FleetMemberResult(number, 32, Asked: 2500, perSecond, Mbit: 2, p99, start),
            };
        return Run() with
        {
            Start = at,
            Fleet = new FleetResult
            {
                Members = 3,
                Id = "02054486B2A6960B",
                Clients = 96,
                Rate = 7500,
                Missing = [2],
                SlowestByLatency = 3,
                SlowestByRate = 3,
            },
            Merged = [Member(1, 2500, 1_000_000, at), Member(3, 1250, 80_000_000, at with { LateSeconds = null })],
        };
    }

    public static RunResult ClosedLoop()
    {
        RunResult run = Run();
        return run with
        {
            Settings = run.Settings with { Loop = "closed", Rate = null },
            Connections = run.Connections with { Lost = 0 },
            Rate = null,
            CorrectedLatency = null,
            Series = [.. run.Series.Select(s => s with { CorrectedLatency = null, Errors = 0 })],
            Errors = [],
            Conditions = [],
            ExitCode = 0,
        };
    }

    private static SecondResult Second(int second, Random random)
    {
        double rate = second switch { 6 => 180, 7 => 9_650, _ => 5_000 + random.Next(-40, 40) };
        var latency = new StepLatency(
            second == 7 ? 420_000_000 : 540_000 + random.Next(60_000),
            second is 6 or 7 ? 990_000_000 : 2_100_000 + random.Next(900_000),
            second is 6 or 7 ? 1_001_000_000 : 5_000_000 + random.Next(3_000_000));
        return new SecondResult
        {
            At = second,
            Seconds = 1,
            RoundTrips = (long)rate,
            RoundTripsPerSecond = rate,
            Errors = second == 7 ? 2 : 0,
            ServiceLatency = latency,
            CorrectedLatency = latency,
        };
    }

    // The percentiles are those of the curve itself, so that tests can name them without the width of a bucket.
    private static LatencyResult Latency(Func<double, double> curve, double max)
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i < Echoes; i++) histogram.Record((long)(1e9 * curve(100.0 * i / Echoes)));
        histogram.Record((long)(1e9 * max));
        PercentileResult[] percentiles = [.. LatencyResult.Shown.Select(p => new PercentileResult(p, (long)(1e9 * curve(p))))];
        return LatencyResult.Of(histogram) with { Percentiles = percentiles };
    }

    private static Dictionary<string, double> Values(Random random, double rate, bool loaded, double cpu, double memory, bool withGc)
    {
        double load = loaded ? 1 : 0.02;
        var values = new Dictionary<string, double>
        {
            [MetricCatalog.Cpu.Name] = load * (cpu + random.NextDouble() * 3),
            [MetricCatalog.CpuMachine.Name] = load * (cpu / 2),
            [MetricCatalog.Private.Name] = (memory + (random.NextDouble() * 2)) * (1 << 20),
            [MetricCatalog.WorkingSet.Name] = (memory + 48 + random.NextDouble()) * (1 << 20),
            [MetricCatalog.OsThreads.Name] = loaded ? 17 : 14,
            [MetricCatalog.PoolThreads.Name] = loaded ? 3 : 1,
            [MetricCatalog.Connections.Name] = loaded ? 64 : 0,
            [MetricCatalog.Handshakes.Name] = loaded ? 0 : random.Next(3),
            [MetricCatalog.RoundTrips.Name] = rate,
            [MetricCatalog.BusiestThreads.WithTag(".NET Sockets")] = load * 60,
            [MetricCatalog.BusiestThreads.WithTag(".NET TP Worker")] = load * 20,
        };
        if (loaded)
        {
            values[MetricCatalog.LatencyP50.Name] = 0.00053;
            values[MetricCatalog.LatencyP99.Name] = 0.0041 + (random.NextDouble() * 0.002);
            values[MetricCatalog.CpuPerRoundTrip.Name] = cpu / 100 / rate;
        }

        if (!withGc) return values;
        values[MetricCatalog.GcCommitted.Name] = memory / 4 * (1 << 20);
        values[MetricCatalog.PauseLongest.Name] = loaded && random.Next(3) == 0 ? 0.0006 + (random.NextDouble() * 0.002) : 0;
        values[MetricCatalog.PausePercent.Name] = load * random.NextDouble() * 0.3;
        values[MetricCatalog.Allocated.Name] = load * 180_000 * (1 + random.NextDouble());
        return values;
    }
}
