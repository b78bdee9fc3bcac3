using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Events;
using RawEcho.Diagnostics.Sampling.Proc;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>How to sample.</summary>
/// <param name="Interval">Between samples.</param>
/// <param name="MaxTimeSeries">Most series of all meters that a process may publish to this program.</param>
internal sealed record SamplingSettings(TimeSpan Interval, int MaxTimeSeries);

/// <summary>A process that is attached to, with all the places where its values come from.</summary>
internal sealed class WatchedProcess : IAsyncDisposable
{
    private static readonly TimeSpan GrownUp = TimeSpan.FromSeconds(1);

    private readonly EventSession _events;
    private readonly ISampleSource[] _sources;
    private readonly long? _startTicks;
    private readonly HashSet<string> _told = [];

    private WatchedProcess(ProcessDescription description, EventSession events)
    {
        Description = description;
        _events = events;
        _startTicks = StartTicks();
        int pid = description.Pid;
        _sources = OperatingSystem.IsLinux()
            ? [new CpuSource(pid), new MemorySource(pid), new ThreadSource(pid), new SocketSource(pid), events]
            : [new ProcessClassSource(pid), events];
    }

    public ProcessDescription Description { get; }

    public int Pid => Description.Pid;

    /// <summary>Set by <see cref="Look"/> when the process is there no more. It stays so.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether rates can be told by now.</summary>
    public bool HasRates => _events.HasRates;

    /// <exception cref="DiagnosticsException">It cannot be attached to.</exception>
    public static async Task<WatchedProcess> AttachAsync(DotNetProcess process, SamplingSettings settings, CancellationToken cancellation)
    {
        // A runtime whose event sources are enabled while a program is just making them can deadlock (dotnet/runtime#119014).
        // One that waits for its first instruction has none yet.
        if (!process.IsSuspended && process.Description.Started + GrownUp - DateTimeOffset.Now is { } young && young > TimeSpan.Zero) await Task.Delay(young, cancellation);
        EventSession events = await EventSession.StartAsync(process, settings, cancellation);
        return new WatchedProcess(process.Description, events);
    }

    /// <summary>Takes a sample. The last one, when the process has ended, holds what its runtime had still to say.</summary>
    /// <returns>Null when there is nothing to say any more.</returns>
    public IReadOnlyDictionary<string, double>? Look()
    {
        if (HasEnded) return null;
        var values = new SampleValues();
        HasEnded = !ProcessProbe.Exists(Pid) || StartTicks() != _startTicks;
        if (HasEnded)
        {
            _events.CollectLast(values);
            return values.All.Count > 0 ? values.All : null;
        }

        if (Description.Started is { } started) values.Set(MetricCatalog.Uptime, (DateTimeOffset.Now - started).TotalSeconds);
        foreach (ISampleSource source in _sources) source.Collect(values);
        DerivedRows.Add(values);
        return values.All;
    }

    /// <summary>What has gone wrong since the last call, a sentence each.</summary>
    public IEnumerable<string> NewWarnings()
    {
        if (_events.Ended.IsCompleted && !HasEnded && ProcessProbe.Exists(Pid)) return Tell([.. _events.Warnings, "Its events have stopped coming: rows of the runtime are missing."]);
        return Tell(_events.Warnings);
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    private List<string> Tell(IEnumerable<string> sentences) => [.. sentences.Where(_told.Add)];

    // A later process may get the same number.
    private long? StartTicks() => OperatingSystem.IsLinux() ? ProcStat.Of(Pid)?.StartTicks : null;
}
