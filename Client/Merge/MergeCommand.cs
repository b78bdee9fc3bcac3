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
        OptionReader<FailCondition[]> failIf = options.Add(FailCondition.CreateOption());
        OptionReader<bool> json =
            options.Add(new Option<bool>("--json") { Description = "Write the merged result as JSON, which can be merged again" });
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        return parsed => new MergeSettings(
            files.Read(parsed),
            failIf.Read(parsed),
            ResultOutput<RunResult>.Open(json.Read(parsed), quiet: false, RunText.Of, HtmlReportWriter.To(report.Read(parsed))));
    }

    private static int Run(MergeSettings settings)
    {
        RunResult[] results = [.. settings.Files.Select(ResultFile.Read)];
        RunResult merged = Verdict.Evaluate(ResultMerger.Merge(settings.Files, results), settings.Conditions);
        foreach (string doubt in ResultMerger.Doubts(results)) StandardStreams.WriteErrorLine($"WARNING: {doubt}");
        return settings.Output.Write(merged);
    }

    private sealed record MergeSettings(string[] Files, IReadOnlyList<FailCondition> Conditions, ResultOutput<RunResult> Output);
}
