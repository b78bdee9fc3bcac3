using System.Diagnostics;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Sampling;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Commands;

/// <summary>What watch and record have in common: attach, sample all processes in step, show, detach.</summary>
/// <param name="settings">How to sample.</param>
/// <param name="duration">When to stop; Timeout.InfiniteTimeSpan for never.</param>
/// <param name="renderers">The outputs of the rounds.</param>
internal sealed class WatchLoop(SamplingSettings settings, TimeSpan duration, IReadOnlyList<IRoundRenderer> renderers)
{
    private const int IntervalsUntilRates = 5;
    private static readonly TimeSpan LongestUntilRates = TimeSpan.FromSeconds(5);

    /// <summary>True to show one round, the first with rates, and to stop.</summary>
    public bool Once { get; init; }

    /// <summary>Finds processes to attach to while it runs; null for none.</summary>
    public IDiscovery? Discovery { get; init; }

    /// <summary>Completes when it is to end; null where the end of all processes is its end.</summary>
    public Task? Ended { get; init; }

    /// <summary>
    /// True when it was stopped before it was over: before the end of a duration, or before there was a sample. Without a duration the
    /// user's stop is the way to end.
    /// </summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Runs until <paramref name="stop"/>, the end of the duration, or the end of all processes.</summary>
    /// <param name="processes">The processes to attach to at the start.</param>
    /// <param name="stop">Ends it in order.</param>
    /// <exception cref="DiagnosticsException">One of <paramref name="processes"/> cannot be attached to.</exception>
    public async Task RunAsync(IReadOnlyList<DotNetProcess> processes, CancellationToken stop)
    {
        await using var sampler = new Sampler(settings);
        foreach (IRoundRenderer renderer in renderers)
            renderer.Begin(new RecordingHeader(sampler.Started, settings.Interval, ThisMachine.Describe(), ThisMachine.Tool));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var discovered = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task discovering = Task.CompletedTask;
        try
        {
            await sampler.AttachAsync(processes, stop);
            time.CancelAfter(duration);
            if (Discovery is not null) discovering = Task.Run(() => new Newcomers(Discovery, sampler).RunAsync(discovered.Token), stop);
            await SampleAsync(sampler, discovering, time.Token);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            // The time is over, or the user has seen enough.
            bool isOpenEnded = duration == Timeout.InfiniteTimeSpan && !Once;
            IsCutShort = stop.IsCancellationRequested && !(isOpenEnded && sampler.HasMet);
        }
        finally
        {
            await discovered.CancelAsync();
            await discovering.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        // Nothing to watch, and nothing to wait for.
        if (discovering.Exception?.InnerException is DiagnosticsException refusal) throw refusal;
        // The end of the time falls between two rounds; a rate over next to nothing would say nothing.
        if (!Once && sampler.SinceLastRound > settings.Interval / 2 && sampler.RunningPids.Count > 0) Show(sampler.Take());
    }

    private async Task SampleAsync(Sampler sampler, Task discovering, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(settings.Interval);
        Task end = Ended ?? Task.Delay(Timeout.Infinite, stop);
        Task failed = Discovery is null ? end : discovering;
        Round? held = null;
        long first = 0;
        for (int rounds = 0; ; rounds += sampler.HasMet ? 1 : 0)
        {
            if (discovering.IsFaulted) return;
            Round round = sampler.Take();
            if (Once) held = held is null ? round : round.After(held);
            else Show(round);
            if (sampler.HasMet && first == 0) first = Stopwatch.GetTimestamp();
            // A single round has to show rates; but a process that never reports its own must not delay it for ever.
            bool isLong = rounds >= IntervalsUntilRates && Stopwatch.GetElapsedTime(first) >= LongestUntilRates;
            if (Once && sampler.HasMet && (sampler.HasRates || sampler.AllHaveEnded || isLong))
            {
                Show(held!);
                return;
            }

            if (Ended is { IsCompleted: true } || (Ended is null && Discovery is null && sampler.AllHaveEnded)) return;
            Task tick = timer.WaitForNextTickAsync(stop).AsTask();
            // The others may be over because of the stop, too, a moment before the tick is. It is not left behind: a timer refuses a second
            // wait.
            await Task.WhenAny(tick, end, failed);
            if (Ended is not { IsCompleted: true } && !discovering.IsFaulted) await tick;
        }
    }

    private void Show(Round round)
    {
        foreach (IRoundRenderer renderer in renderers) renderer.Show(round);
    }
}
