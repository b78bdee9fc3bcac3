using System.Text.Json.Serialization;
using RawEcho.Client.Statistics;

namespace RawEcho.Client.Results;

/// <summary>What a comparison of results came to. See docs/result.schema.json.</summary>
internal sealed record ComparisonResult : IClientResult
{
    public string Format { get; init; } = RunResult.FormatName;

    public int Version { get; init; } = RunResult.CurrentVersion;

    public string Kind { get; init; } = "comparison";

    /// <summary>A change is more than noise where its p value is below this.</summary>
    public required double Alpha { get; init; }

    /// <summary>What was compared; the first is what all others are compared with.</summary>
    public required IReadOnlyList<ComparedResult> Files { get; init; }

    /// <summary>The settings in which the files differ.</summary>
    public required IReadOnlyList<SettingDifference> Differences { get; init; }

    /// <summary>One for each file but the first.</summary>
    public required IReadOnlyList<FileChange> Changes { get; init; }

    public required IReadOnlyList<ConditionResult> Conditions { get; init; }

    /// <summary>That of the first run that failed; or what the conditions came to.</summary>
    public required int ExitCode { get; init; }

    // The errors of the runs are told as a figure.
    IReadOnlyList<ErrorResult> IClientResult.Errors => [];

    int? IClientResult.StoppedClients => null;
}

/// <summary>A file that was compared.</summary>
/// <param name="File">Its name.</param>
/// <param name="Label">A short name, other than those of the other files.</param>
/// <param name="Runs">How many of its runs were compared.</param>
/// <param name="Doubts">What was left out, or failed; a sentence each.</param>
internal sealed record ComparedResult(string File, string Label, int Runs, IReadOnlyList<string> Doubts)
{
    /// <summary>The runs themselves.</summary>
    [JsonIgnore]
    public IReadOnlyList<RunResult> Results { get; init; } = [];

    /// <summary>That of its first run that failed or was interrupted; that of a condition where runs were left out.</summary>
    [JsonIgnore]
    public int ExitCode { get; init; }
}

/// <summary>A setting in which the compared files differ.</summary>
/// <param name="Setting">The option, or what it is.</param>
/// <param name="Values">One for each file, in their order.</param>
internal sealed record SettingDifference(string Setting, IReadOnlyList<string> Values);

/// <summary>How a file differs from the first one.</summary>
/// <param name="File">The file.</param>
/// <param name="Test">rank: the Mann-Whitney test; single: one run each, so none; too-few: fewer runs than the test needs.</param>
/// <param name="Figures">The figures.</param>
internal sealed record FileChange(string File, string Test, IReadOnlyList<FigureChange> Figures)
{
    public const string Rank = "rank", Single = "single", TooFew = "too-few";
}

/// <summary>A figure before and after.</summary>
internal sealed record FigureChange
{
    public const string Better = "better", Worse = "worse", Noise = "noise", Undecided = "undecided", Absent = "absent";

    [JsonIgnore]
    public Figure Figure => Results.Figure.Find(Name)!;

    public required string Name { get; init; }

    /// <summary>ns, perSecond, mbit or count.</summary>
    public required string Unit { get; init; }

    /// <summary>Of the first file; null where a run of it does not have the figure.</summary>
    public required FigureSample? Old { get; init; }

    /// <summary>Of the other one.</summary>
    public required FigureSample? New { get; init; }

    /// <summary>Of the medians; null where there is none, or nothing to divide by.</summary>
    public required double? ChangePercent { get; init; }

    /// <summary>Of the rank test; null where it was not made.</summary>
    public required double? PValue { get; init; }

    /// <summary>better, worse, noise, undecided or absent.</summary>
    public required string Verdict { get; init; }

    /// <summary>Why it is undecided; null where it is not.</summary>
    public string? Why { get; init; }
}
