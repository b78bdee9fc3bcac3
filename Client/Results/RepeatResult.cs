using RawEcho.Client.Statistics;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>What several runs of one load came to (--repeat). See docs/result.schema.json.</summary>
internal sealed record RepeatResult : IClientResult
{
    public string Format { get; init; } = RunResult.FormatName;

    public int Version { get; init; } = RunResult.CurrentVersion;

    public string Kind { get; init; } = "repeat";

    public required DateTimeOffset StartedAt { get; init; }

    public required MachineResult Machine { get; init; }

    /// <summary>How many runs were asked for.</summary>
    public required int Asked { get; init; }

    /// <summary>How many of <see cref="Runs"/> are complete: the figures are made of these.</summary>
    public required int Complete { get; init; }

    /// <summary>True when the user ended the series.</summary>
    public required bool Interrupted { get; init; }

    /// <summary>Of the complete runs.</summary>
    public required IReadOnlyList<FigureResult> Figures { get; init; }

    /// <summary>All runs in their order, one that failed or was interrupted included.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    public required IReadOnlyList<ErrorResult> Errors { get; init; }

    /// <summary>What --fail-if asked of the medians.</summary>
    public required IReadOnlyList<ConditionResult> Conditions { get; init; }

    public required int ExitCode { get; init; }

    int? IClientResult.StoppedClients => Runs is [IClientResult only] ? only.StoppedClients : null;

    /// <summary>Why the medians are not those that were asked for; null when they are.</summary>
    public string? Incomplete() => Interrupted ? "the runs were interrupted"
        : Complete < Asked ? $"{Complete} of {Quantity.Count(Asked, "run")} were complete"
        : null;

    /// <summary>The runs that the figures are made of.</summary>
    public static IReadOnlyList<RunResult> CompleteOf(IEnumerable<RunResult> runs) =>
        [.. runs.Where(r => r is { ExitCode: CommandLine.ExitCode.Success, Interrupted: false, HasData: true })];
}

/// <summary>A figure of several runs.</summary>
/// <param name="Name">As --fail-if names it.</param>
/// <param name="Unit">ns, perSecond, mbit or count.</param>
/// <param name="Sample">Its values.</param>
internal sealed record FigureResult(string Name, string Unit, FigureSample Sample)
{
    /// <summary>The figures that all of these runs have.</summary>
    public static IReadOnlyList<FigureResult> Of(IReadOnlyList<RunResult> runs) =>
    [
        .. Figure.Of(runs).Select(f => (Figure: f, Sample: FigureSample.Of([.. runs.Select(f.Of)]))).Where(f => f.Sample is not null)
            .Select(f => new FigureResult(f.Figure.Name, f.Figure.UnitName, f.Sample!)),
    ];
}
