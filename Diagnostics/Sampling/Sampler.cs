using System.Diagnostics;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>
/// Samples several processes in step. A process that ends, or cannot be sampled, does not hold up the others. Others may be
/// attached to while samples are taken.
/// </summary>
internal sealed class Sampler(SamplingSettings settings) : IAsyncDisposable
{
    private const int Decimals = 3;
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<WatchedProcess> _processes = [];
    private readonly List<ProcessDescription> _met = [];
    private readonly List<RecordingEvent> _events = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _lastRound = Stopwatch.GetTimestamp();

    /// <summary>When this began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.Now;

    /// <summary>True when at least one process was attached to.</summary>
    public bool HasMet => Locked(() => _processes.Count > 0);

    /// <summary>The processes that are watched and have not ended.</summary>
    public IReadOnlyList<int> RunningPids => Locked(() => (IReadOnlyList<int>)[.. _processes.Where(p => !p.HasEnded).Select(p => p.Pid)]);

    /// <summary>All processes that were attached to, ended ones included.</summary>
    public IReadOnlyList<int> KnownPids => Locked(() => (IReadOnlyList<int>)[.. _processes.Select(p => p.Pid)]);

    /// <summary>True when at least one process was attached to, and all have ended.</summary>
    public bool AllHaveEnded => Locked(() => _processes.Count > 0 && _processes.TrueForAll(p => p.HasEnded));

    /// <summary>True when the rates of all running processes are known.</summary>
    public bool HasRates => Locked(() => _processes.Count > 0 && _processes.TrueForAll(p => p.HasRates || p.HasEnded));

    /// <summary>How long ago the last round was.</summary>
    public TimeSpan SinceLastRound => Stopwatch.GetElapsedTime(_lastRound);

    private double Now => Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, Decimals);

    /// <summary>
    /// Attaches to several processes at once, so that their values are of the same time. One that was found by name and has ended meanwhile
    /// is left out, as long as there is another one of that name.
    /// </summary>
    /// <exception cref="DiagnosticsException">One of them cannot be attached to; then none is.</exception>
    public async Task AttachAsync(IReadOnlyList<DotNetProcess> processes, CancellationToken cancellation)
    {
        Task<WatchedProcess>[] attaching = [.. processes.Select(p => WatchedProcess.AttachAsync(p, settings, cancellation))];
        await ((Task)Task.WhenAll(attaching)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<WatchedProcess>[] attached = [.. attaching.Where(t => t.IsCompletedSuccessfully)];
        string?[] names = [.. processes.Zip(attaching).Where(p => p.Second.IsCompletedSuccessfully).Select(p => p.First.FoundByName)];
        bool isAllThereIs = processes.Zip(attaching).All(p => p.Second.IsCompletedSuccessfully
            || (HasEnded(p.Second) && p.First.FoundByName is { } name && names.Contains(name)));
        if (isAllThereIs)
        {
            foreach (Task<WatchedProcess> one in attached) await AddAsync(one);
            return;
        }

        foreach (Task<WatchedProcess> one in attached) await (await one).DisposeAsync();
        cancellation.ThrowIfCancellationRequested();
        await Task.WhenAll(attaching);
    }

    /// <summary>Takes a sample of every running process.</summary>
    public Round Take() => Locked(TakeAll);

    /// <summary>Adds a sentence to the next round that is about no watched process.</summary>
    public void Tell(string sentence) => Locked(() =>
    {
        _events.Add(new RecordingEvent(Now, null, EventKind.Warning, sentence));
        return true;
    });

    /// <summary>Detaches from all at once: a process that does not answer must not keep the others waiting.</summary>
    public async ValueTask DisposeAsync()
    {
        WatchedProcess[] all = Locked(() => _processes.ToArray());
        await Task.WhenAll(all.Select(p => p.DisposeAsync().AsTask()));
    }

    private Round TakeAll()
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

    private static bool HasEnded(Task<WatchedProcess> attaching) =>
        attaching.Exception?.InnerException is DiagnosticsException { ExitCode: DiagnosticsExitCode.NoSuchProcess };

    private async Task AddAsync(Task<WatchedProcess> attached)
    {
        WatchedProcess watched = await attached;
        lock (_lock) Add(watched);
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) return read();
    }

    private void Add(WatchedProcess watched)
    {
        ProcessDescription description = watched.Description with { Seconds = Now };
        _processes.Add(watched);
        _met.Add(description);
        if (ProcessAge.Of(watched.Pid, description.Started) is { } age && age - Stopwatch.GetElapsedTime(_start) > Young)
        {
            double seconds = age.TotalSeconds;
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
