using System.Diagnostics;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>Samples several processes in step. A process that ends, or cannot be sampled, does not hold up the others.</summary>
internal sealed class Sampler(SamplingSettings settings) : IAsyncDisposable
{
    private const int Decimals = 3;
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    private readonly List<WatchedProcess> _processes = [];
    private readonly List<ProcessDescription> _met = [];
    private readonly List<RecordingEvent> _events = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _lastRound = Stopwatch.GetTimestamp();

    /// <summary>When this began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.Now;

    /// <summary>All processes that were attached to, ended ones included.</summary>
    public IReadOnlyList<WatchedProcess> Processes => _processes;

    /// <summary>True when at least one process was attached to, and all have ended.</summary>
    public bool AllHaveEnded => _processes.Count > 0 && _processes.TrueForAll(p => p.HasEnded);

    /// <summary>True when the rates of all running processes are known.</summary>
    public bool HasRates => _processes.Count > 0 && _processes.TrueForAll(p => p.HasRates || p.HasEnded);

    /// <summary>How long ago the last round was.</summary>
    public TimeSpan SinceLastRound => Stopwatch.GetElapsedTime(_lastRound);

    private double Now => Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, Decimals);

    /// <summary>Attaches to several processes at once, so that their values are of the same time.</summary>
    /// <exception cref="DiagnosticsException">One of them cannot be attached to; then none is.</exception>
    public async Task AttachAsync(IReadOnlyList<DotNetProcess> processes, CancellationToken cancellation)
    {
        Task<WatchedProcess>[] attaching = [.. processes.Select(p => WatchedProcess.AttachAsync(p, settings, cancellation))];
        try
        {
            await Task.WhenAll(attaching);
        }
        catch
        {
            foreach (Task<WatchedProcess> attached in attaching.Where(t => t.IsCompletedSuccessfully))
                await (await attached).DisposeAsync();
            throw;
        }

        foreach (Task<WatchedProcess> attached in attaching) Add(await attached);
    }

    /// <summary>Takes a sample of every running process.</summary>
    public Round Take()
    {
        double seconds = Now;
        _lastRound = Stopwatch.GetTimestamp();
        List<Sample> samples = [];
        foreach (WatchedProcess process in _processes.Where(p => !p.HasEnded))
        {
            if (process.Look() is { } values) samples.Add(new Sample(seconds, process.Pid, values));
            if (process.HasEnded) Tell(process, EventKind.Ended, $"{NameOf(process)} has ended.");
            foreach (string warning in process.NewWarnings()) Tell(process, EventKind.Warning, $"{NameOf(process)}: {warning}");
        }

        var round = new Round(seconds, [.. _met], samples, [.. _events]);
        _met.Clear();
        _events.Clear();
        return round;
    }

    /// <summary>Detaches from all at once: a process that does not answer must not keep the others waiting.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_processes.Select(p => p.DisposeAsync().AsTask()));

    private void Add(WatchedProcess watched)
    {
        ProcessDescription description = watched.Description with { Seconds = Now };
        _processes.Add(watched);
        _met.Add(description);
        if (description.Started is { } started && Started - started > Young)
        {
            double seconds = (DateTimeOffset.Now - started).TotalSeconds;
            Tell(watched, EventKind.AttachedLate, $"{NameOf(watched)} had been running for {seconds:0} s when it was attached to: "
                + "what it counted before is known only where it says so itself.");
        }

        // The first look only begins the intervals of rates.
        watched.Look();
    }

    private static string NameOf(WatchedProcess process) => $"{process.Description.Name} ({process.Pid})";

    private void Tell(WatchedProcess process, string kind, string sentence) =>
        _events.Add(new RecordingEvent(Now, process.Pid, kind, sentence));
}
