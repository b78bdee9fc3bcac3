using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Events;
using RawEcho.Diagnostics.Sampling.Settings;
using RawEcho.Diagnostics.Sampling.Sources;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>A process that is attached to, with all the sources of its values.</summary>
internal sealed class WatchedProcess : IAsyncDisposable
{
    private readonly RuntimeEvents _events;
    private readonly ISampleSource[] _sources;
    private readonly long? _startTicks;
    private readonly HashSet<string> _told = [];

    private WatchedProcess(ProcessDescription description, RuntimeEvents events)
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

    /// <summary>Set by <see cref="Look"/> when the process no longer exists.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether rates are known by now.</summary>
    public bool HasRates => _events.HasRates;

    /// <exception cref="DiagnosticsException">It cannot be attached to.</exception>
    public static async Task<WatchedProcess> AttachAsync(DotNetProcess process, SamplingSettings settings, CancellationToken cancellation)
    {
        RuntimeEvents events = await RuntimeEvents.StartAsync(process, settings, cancellation);
        return new WatchedProcess(process.Description, events);
    }

    /// <summary>Takes a sample. The last one, after the process has ended, holds what its runtime still sent.</summary>
    /// <returns>Null when there are no more values.</returns>
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

        values.Set(MetricCatalog.Uptime, ProcessAge.Of(Pid, Description.Started)?.TotalSeconds);
        foreach (ISampleSource source in _sources) source.Collect(values);
        DerivedRows.Add(values);
        return values.All;
    }

    /// <summary>Warnings that are new since the last call, one sentence each.</summary>
    public IEnumerable<string> NewWarnings()
    {
        bool isSilent = _events.IsOver && !HasEnded && ProcessProbe.Exists(Pid);
        string[] silence = isSilent ? ["Its events have stopped coming: rows of the runtime are missing."] : [];
        return [.. _events.Warnings.Concat(silence).Where(_told.Add)];
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    // A later process may get the same number.
    private long? StartTicks() => OperatingSystem.IsLinux() ? ProcStat.Of(Pid)?.StartTicks : null;
}
