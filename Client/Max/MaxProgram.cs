using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.Client.Run;
using RawEcho.Client.Targets;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Max;

/// <summary>
/// "max" as the user sees it: runs at one rate after the other, each with connections of its own, until the highest that holds is found.
/// </summary>
internal sealed class MaxProgram(MaxSettings settings)
{
    // A rate that is not kept has not been held, whatever the latencies of what was sent.
    private const double KeptRate = 0.99;

    private readonly StatusLine _status = new(settings.Quiet, liveOnly: !settings.Output.IsData);
    private readonly List<MaxStepResult> _steps = [];
    private FailureList _failures = new();
    private UnreachableNotes? _unreachable;

    public async Task<int> RunAsync()
    {
        foreach (Note note in settings.Session.Targets.Tls.Notes.Where(_ => !settings.Quiet))
            await Console.Error.WriteLineAsync(note.ToString());
        using var stop = new StopSignal();
        IReadOnlyList<Target> targets = await settings.Session.Targets.ResolveAsync(stop.Token);
        _unreachable = new UnreachableNotes(targets, settings.Output.Talk);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        var search = new RateSearch(settings.From, settings.To, settings.Precision / 100.0, settings.Confirm);
        while (search.Next() is { } rate && !stop.Asked.IsCompleted && _failures.ExitCode == ExitCode.Success)
        {
            if (await TryAsync(rate, targets, stop.Asked) is { } step) search.Tell(rate, step.Held);
        }

        _status.Clear();
        bool interrupted = stop.Asked.IsCompleted;
        return settings.Output.Write(Build(started, targets, search, interrupted));
    }

    // Null when it came to nothing: interrupted, or not connected.
    private async Task<MaxStepResult?> TryAsync(double rate, IReadOnlyList<Target> targets, Task stop)
    {
        string run = FormattableString.Invariant($"Run {_steps.Count + 1}: {Quantity.Rate(rate)} per second");
        _status.Show(run);
        SessionSettings session = settings.Session with { Shape = settings.Session.Shape with { Rate = rate } };
        await using var load = new LoadSession(session, targets);
        bool connected = await load.ConnectAsync(stop, () => { });
        double seconds = settings.Session.Shape.Duration!.Value.TotalSeconds;
        if (connected)
            await load.MeasureAsync(stop, s => _status.Show(FormattableString.Invariant($"{run}, {Math.Max(0, seconds - s.At):0} s left")));
        await load.EndAsync(stop.IsCompleted);
        _status.Clear();
        _unreachable!.TellNew();
        RunResult result = ResultBuilder.Build(load, stop.IsCompleted);
        if (!connected || result.Mismatches > 0)
        {
            // No rate mends that.
            _failures = load.Failures;
            return null;
        }

        if (stop.IsCompleted) return null;
        string? why = WhyNot(result, rate);
        var step = new MaxStepResult(rate, result.RoundTripsPerSecond, why is null, why, result.CorrectedLatency!);
        _steps.Add(step);
        if (!settings.Output.IsData) await settings.Output.Talk.WriteLineAsync(MaxText.Of(step, settings.Targets));
        return step;
    }

    private string? WhyNot(RunResult run, double rate)
    {
        if (run.Errors.Count > 0) return run.Errors[0].Kind;
        // A server that sheds load answers fast.
        if (run.Http?.Statuses.FirstOrDefault(s => s.Status >= 400) is { } bad) return FormattableString.Invariant($"status {bad.Status}");
        // Echoes that came after the end are among them: a run of seconds would else lose its last ones.
        if (run.RoundTrips < rate * run.Seconds * KeptRate) return "rate not kept";
        LatencyResult latency = run.CorrectedLatency!;
        TargetResult? missed = settings.Targets.FirstOrDefault(t => MaxText.Actual(latency, t) is not { } actual || actual > t.LimitNs);
        return missed is null ? null : $"{MaxText.Name(missed)} above {Quantity.Time(missed.LimitNs)}";
    }

    private MaxResult Build(
        DateTimeOffset started, IReadOnlyList<Target> targets, RateSearch search, bool interrupted) =>
        new()
        {
            StartedAt = started,
            Machine = MachineResult.Here(),
            Settings = ResultBuilder.Settings(settings.Session, targets) with { Rate = null },
            Targets = settings.Targets,
            Interrupted = interrupted,
            Rate = search.Held,
            FailedRate = search.Failed,
            Runs = _steps.Count(s => s.Rate == search.Held),
            Held = _steps.Count(s => s.Rate == search.Held && s.Held),
            Steps = _steps,
            Errors = _failures.ToResults(),
            ExitCode = Verdict.ExitCodeOf(_failures, interrupted) is not ExitCode.Success and var code ? code
                : search.Held is null ? ExitCode.ConditionMet
                : ExitCode.Success,
        };
}
