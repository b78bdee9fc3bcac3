using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RawEcho.Engine.Telemetry;

namespace RawEcho.Server.Admin;

/// <summary>Samples of the last five minutes, one a second.</summary>
internal sealed class LiveHistory : IAsyncDisposable
{
    private const int Kept = 300;

    // Handshakes of one second; of more than this the first ones stand for all.
    private const int MaxTimes = 10_000;

    private readonly Func<EngineStatistics> _statistics;
    private readonly Func<long> _requests;
    private readonly Lock _lock = new();
    private readonly Queue<LiveSample> _samples = new();
    private readonly List<double> _times = [];
    private readonly MeterListener _handshakes = new();
    private readonly PeriodicTimer _clock = new(TimeSpan.FromSeconds(1));
    private readonly Task _running;

    /// <param name="statistics">The counts of the host.</param>
    /// <param name="requests">HTTP requests answered so far.</param>
    public LiveHistory(Func<EngineStatistics> statistics, Func<long> requests)
    {
        (_statistics, _requests) = (statistics, requests);
        _handshakes.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: EngineTelemetry.MeterName, Name: "rawecho.tls.handshake.duration" })
                listener.EnableMeasurementEvents(instrument);
        };
        _handshakes.SetMeasurementEventCallback<double>((_, seconds, _, _) => Note(seconds));
        _handshakes.Start();
        Sample();
        _running = RunAsync();
    }

    /// <summary>The samples there are, the oldest first; at least one.</summary>
    public IReadOnlyList<LiveSample> Samples
    {
        get
        {
            lock (_lock) return [.. _samples];
        }
    }

    public async ValueTask DisposeAsync()
    {
        _clock.Dispose();
        await _running;
        _handshakes.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _clock.WaitForNextTickAsync())
        {
            try
            {
                Sample();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception or InvalidOperationException)
            {
                // Out of descriptors, for instance. This second has no sample; the next one may.
            }
        }
    }

    // Called by whoever completes a handshake.
    private void Note(double seconds)
    {
        lock (_lock)
        {
            if (_times.Count < MaxTimes) _times.Add(seconds);
        }
    }

    private void Sample()
    {
        using var process = Process.GetCurrentProcess();
        EngineStatistics statistics = _statistics();
        long? privateBytes = ReadPrivateBytes();
        lock (_lock)
        {
            _times.Sort();
            _samples.Enqueue(new LiveSample
            {
                At = Stopwatch.GetTimestamp(),
                Statistics = statistics,
                Requests = _requests(),
                HandshakeMedian = _times.Count > 0 ? _times[_times.Count / 2] : null,
                HandshakeMaximum = _times.Count > 0 ? _times[^1] : null,
                PrivateBytes = privateBytes,
                HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
                CommittedBytes = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes,
                Threads = process.Threads.Count,
                PoolThreads = ThreadPool.ThreadCount,
                Paused = GC.GetTotalPauseDuration(),
            });
            _times.Clear();
            if (_samples.Count > Kept) _samples.Dequeue();
        }
    }

    // Of Linux alone (proc_pid_status(5)): elsewhere the same words mean something else.
    private static long? ReadPrivateBytes()
    {
        const string field = "RssAnon:";
        if (!OperatingSystem.IsLinux()) return null;
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(field.Length).Trim(" \tkB"), out long kilobytes) ? kilobytes * 1024 : null;
    }
}
