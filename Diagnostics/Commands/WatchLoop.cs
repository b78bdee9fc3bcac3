using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Commands;

/// <summary>What watch and record have in common: attach, sample all processes in step, show, detach.</summary>
/// <param name="settings">How to sample.</param>
/// <param name="duration">When to stop; Timeout.InfiniteTimeSpan for never.</param>
/// <param name="renderers">The outputs of the rounds.</param>
internal sealed class WatchLoop(SamplingSettings settings, TimeSpan duration, IReadOnlyList<IRoundRenderer> renderers)
{
    private const int IntervalsUntilRates = 5;
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>True to show one round, the first with rates, and to stop.</summary>
    public bool Once { get; init; }

    /// <summary>True to attach to every RawEcho process, existing or new, and to wait for the first.</summary>
    public bool TakesNewcomers { get; init; }

    /// <summary>A program that was started to be watched, with all that it starts; null for none.</summary>
    public ChildProgram? Child { get; init; }

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
        try
        {
            await sampler.AttachAsync(processes, stop);
            time.CancelAfter(duration);
            await SampleAsync(sampler, time.Token);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            // The time is over, or the user has seen enough.
            bool isOpenEnded = duration == Timeout.InfiniteTimeSpan && !Once;
            IsCutShort = stop.IsCancellationRequested && !(isOpenEnded && sampler.Processes.Count > 0);
        }

        // The end of the time falls between two rounds; a rate over next to nothing would say nothing.
        if (!Once && sampler.SinceLastRound > settings.Interval / 2 && sampler.Processes.Any(p => !p.HasEnded)) Show(sampler.Take());
    }

    private async Task SampleAsync(Sampler sampler, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(settings.Interval);
        Round? held = null;
        for (int rounds = 0; ; rounds += sampler.Processes.Count > 0 ? 1 : 0)
        {
            await TakeInAsync(sampler, stop);
            Round round = sampler.Take();
            if (Once) held = held is null ? round : round.After(held);
            else Show(round);
            // A single round has to show rates; but a process that never reports its own must not delay it for ever.
            if (Once && sampler.Processes.Count > 0 && (sampler.HasRates || sampler.AllHaveEnded || rounds >= IntervalsUntilRates))
            {
                Show(held!);
                return;
            }

            if (Child is { Ended.IsCompleted: true } || (Child is null && !TakesNewcomers && sampler.AllHaveEnded)) return;
            await WaitAsync(sampler, timer, stop);
        }
    }

    private async Task TakeInAsync(Sampler sampler, CancellationToken stop)
    {
        HashSet<int> known = [.. sampler.Processes.Where(p => !p.HasEnded).Select(p => p.Pid)];
        IReadOnlyList<DotNetProcess> found = Child is not null
            ? await Child.FamilyAsync(stop)
            : TakesNewcomers ? await ProcessFinder.RawEchoAsync(known, stop) : [];
        foreach (DotNetProcess process in found)
        {
            try
            {
                await sampler.AttachAsync([process], stop);
            }
            catch (DiagnosticsException)
            {
                // It came and went; or it is too busy starting, and is asked again in the next round.
            }

            if (Child is not null) await Child.ResumeAsync(process, stop);
        }
    }

    // A program that was just started waits for this one: it is looked for more often than samples are taken.
    private async Task WaitAsync(Sampler sampler, PeriodicTimer timer, CancellationToken stop)
    {
        Task tick = timer.WaitForNextTickAsync(stop).AsTask();
        if (Child is null)
        {
            await tick;
            return;
        }

        while (
            await Task.WhenAny(tick, Child.Ended, Task.Delay(SearchInterval, stop)) is var first && first != tick && first != Child.Ended)
            await TakeInAsync(sampler, stop);
        if (tick.IsCompleted || !Child.Ended.IsCompleted) await tick;
    }

    private void Show(Round round)
    {
        foreach (IRoundRenderer renderer in renderers) renderer.Show(round);
    }
}
