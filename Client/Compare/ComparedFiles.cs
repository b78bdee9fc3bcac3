using System.Globalization;
using RawEcho.Client.Merge;
using RawEcho.Client.Results;
using RawEcho.Client.Statistics;
using RawEcho.CommandLine;

namespace RawEcho.Client.Compare;

/// <summary>Reads what is to be compared: the runs of a file are one sample.</summary>
internal static class ComparedFiles
{
    /// <exception cref="CommandException">A file holds nothing to compare, or two of them the same run.</exception>
    public static IReadOnlyList<ComparedResult> Read(IReadOnlyList<string> files)
    {
        IReadOnlyList<RunResult>[] runs = [.. files.Select(ResultFile.ReadRuns)];
        ResultMerger.RefuseRepeated(runs.SelectMany((r, i) => r.Select(run => (files[i], run))));
        string[] labels = Labels(files);
        return [.. files.Select((file, i) => Select(file, labels[i], runs[i]))];
    }

    /// <summary>The exit code of the first run that failed or was interrupted, as merge has it; success for none.</summary>
    public static int ExitCodeOf(IEnumerable<IReadOnlyList<RunResult>> runs) =>
        runs.SelectMany(r => r).Select(r => r.ExitCode).FirstOrDefault(c => c is not ExitCode.Success and not ExitCode.ConditionMet);

    private static ComparedResult Select(string file, string label, IReadOnlyList<RunResult> all)
    {
        (RunResult Run, string? Doubt, bool IsUsable)[] runs = [.. all.Select((r, i) => Evaluate(r, all.Count > 1 ? i + 1 : null))];
        RunResult[] usable = [.. runs.Where(r => r.IsUsable).Select(r => r.Run)];
        string[] doubts = [.. runs.Select(r => r.Doubt).OfType<string>().Select(d => $"{file}: {d}")];
        if (usable.Length == 0) throw new CommandException(ExitCode.Usage, $"There is nothing to compare. {string.Join(" ", doubts)}");
        if (usable.Length > MannWhitney.Most)
        {
            string count = string.Create(CultureInfo.InvariantCulture, $"{usable.Length} runs; up to {MannWhitney.Most}");
            throw new CommandException(ExitCode.Usage, $"{file} holds {count} of a file can be compared.");
        }

        int failed = ExitCodeOf([all]);
        return new ComparedResult(file, label, usable.Length, doubts)
        {
            Results = usable,
            ExitCode = failed != ExitCode.Success || usable.Length == all.Count ? failed : ExitCode.ConditionMet,
        };
    }

    private static (RunResult Run, string? Doubt, bool IsUsable) Evaluate(RunResult run, int? number)
    {
        string name = number is { } n ? string.Create(CultureInfo.InvariantCulture, $"run {n}") : "the run";
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{run.Seconds:0.##} s");
        if (run.Interrupted) return (run, $"{name} was interrupted after {seconds}, and is not compared.", false);
        if (!run.HasData || run.Seconds <= 0) return (run, $"{name} measured nothing, and is not compared.", false);
        string? failed = run.ExitCode is ExitCode.Success or ExitCode.ConditionMet ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name} failed (exit code {run.ExitCode}): it is compared as far as it came.");
        return (run, failed, true);
    }

    // Without the folders and the extension that all have in common.
    private static string[] Labels(IReadOnlyList<string> files)
    {
        string[] names = [.. files.Select(f => Path.GetFileNameWithoutExtension(f))];
        if (names.Distinct().Count() == names.Length && !names.Contains(string.Empty)) return names;
        names = [.. files.Select(f => Path.GetFileName(f))];
        return names.Distinct().Count() == names.Length ? names : [.. files];
    }
}
