using System.CommandLine;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Merge;

/// <summary>The command "merge".</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var command = new Command("merge", "Merge results of several machines: histograms are added, so percentiles are exact");
        OptionSet.Attach(command, Declare, settings => Task.FromResult(Run(settings)));
        return command;
    }

    private static Func<ParseResult, MergeSettings> Declare(OptionSet options)
    {
        OptionReader<string[]> files = options.Add(new Argument<string[]>("files")
        {
            Description = "Results of 'run --json' or '--json-lines', of one machine each or merged before",
            Arity = ArgumentArity.OneOrMore,
        });
        OptionReader<bool> partial = options.Add(new Option<bool>("--partial")
        {
            Description =
                "Merge the members of a fleet (run --fleet) also where one is missing or did not load at the same time as the others",
        });
        OptionReader<FailCondition[]> failIf = options.Add(FailCondition.CreateOption());
        OptionReader<bool> json =
            options.Add(new Option<bool>("--json") { Description = "Write the merged result as JSON, which can be merged again" });
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        return parsed => new MergeSettings(
            files.Read(parsed),
            partial.Read(parsed),
            partial.IsGiven(parsed.CommandResult),
            failIf.Read(parsed),
            ResultOutput<RunResult>.Open(json.Read(parsed), quiet: false, RunText.Of, HtmlReportWriter.To(report.Read(parsed))));
    }

    private static int Run(MergeSettings settings)
    {
        RunResult[] results = [.. settings.Files.Select(ResultFile.Read)];
        ResultMerger.RefuseRepeated(settings.Files.Zip(results));
        FleetSet? fleet = FleetSet.Of(settings.Files, results);
        if (fleet is null && settings.IsPartialGiven)
        {
            throw new CommandException(
                ExitCode.Usage, "--partial is for the members of a fleet (run --fleet), and these results are none.");
        }

        string? problem = fleet?.Problem();
        if (problem is not null && !settings.IsPartial)
            throw new CommandException(ExitCode.Fleet, $"{problem} --partial merges what is there.");
        RunResult merged = Verdict.Evaluate(ResultMerger.Merge(settings.Files, results, fleet), settings.Conditions);
        string?[] doubts = fleet is null ? [.. ResultMerger.Doubts(results)] : [problem, fleet.Doubt()];
        foreach (string doubt in doubts.OfType<string>()) StandardStreams.WriteErrorLine($"WARNING: {doubt}");
        return settings.Output.Write(merged);
    }

    private sealed record MergeSettings(
        string[] Files, bool IsPartial, bool IsPartialGiven, IReadOnlyList<FailCondition> Conditions, ResultOutput<RunResult> Output);
}
