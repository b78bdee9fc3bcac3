using RawEcho.Client.Report;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>A recording and a run such as real ones are, the same each time.</summary>
internal static class Samples
{
    public const int Seconds = 30;
    public const int ClientEnd = 26;

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
    public static RunReport Run()
    {
        var random = new Random(11);
        RunSecond[] seconds =
        [
            .. Enumerable.Range(1, 10).Select(s => new RunSecond(
                s, s switch { 6 => 180, 7 => 9_650, _ => 5_000 + random.Next(-40, 40) },
                s == 7 ? 420_000_000 : 540_000 + random.Next(60_000),
                s is 6 or 7 ? 990_000_000 : 2_100_000 + random.Next(900_000),
                s is 6 or 7 ? 1_001_000_000 : 5_000_000 + random.Next(3_000_000),
                s == 7 ? 2 : 0)),
        ];
        return new RunReport
        {
            Target = "localhost:7443",
            Tool = "rawecho-client 0.1.0",
            Started = Started,
            Elapsed = TimeSpan.FromSeconds(10),
            Connections = 64,
            TargetRate = 5000,
            Settings =
            [
                ("--server", "localhost:7443"), ("--clients", "64"), ("--rate", "5000"), ("--duration", "10s"), ("--size", "1-100"),
                ("TLS", "mutual, TLS 1.3, TLS_AES_256_GCM_SHA384"),
            ],
            Totals = new RunTotals
            {
                RoundTrips = 49_876,
                BytesSent = 2_519_000,
                BytesReceived = 2_519_000,
                Mismatches = 0,
                SentLate = 4_820,
                NotSent = 124,
                Errors = 2,
                ConnectionsLost = 2,
            },
            Service = Summary(p => 0.0005 + (0.004 * Math.Pow(p / 100, 40)), 0.9),
            Corrected = Summary(
                p => p < 90 ? 0.00054 + (0.002 * Math.Pow(p / 100, 30)) : 0.003 + (Math.Min(1, (p - 90) / 9) * 0.98), 1.001),
            Seconds = seconds,
            Errors = [new RunError("ConnectionLost", 2, "127.0.0.1:40312: the server reset the connection while an echo was owed.")],
            Conditions = [new RunCondition("p99>5ms", Failed: true, "991 ms"), new RunCondition("rps<4000", Failed: false, "4,988/s")],
        };
    }

    public static RunReport ClosedLoop() => Run() with
    {
        TargetRate = null,
        Corrected = null,
        Errors = [],
        Conditions = [],
        Totals = Run().Totals with { SentLate = null, NotSent = null, Errors = 0, ConnectionsLost = 0 },
    };

    private static LatencySummary Summary(Func<double, double> latency, double max) => new()
    {
        Count = 49_876,
        Percentiles = [.. new[] { 50, 75, 90, 95, 99, 99.9, 99.99 }.Select(p => new PercentileValue(p, (long)(1e9 * latency(p))))],
        Curve =
        [
            .. Enumerable.Range(0, 46)
                .Select(i => 100 * (1 - Math.Pow(10, -i / 10.0)))
                .Select(p => new PercentileValue(p, (long)(1e9 * latency(p)))),
        ],
        MaxNs = (long)(1e9 * max),
    };

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
