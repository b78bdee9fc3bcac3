using System.CommandLine;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Terminal;

namespace RawEcho.Client.Merge;

/// <summary>The command "merge".</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Results of 'run --json', of one machine each or merged before",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<FailCondition[]> failIf = FailCondition.CreateOption();
        var json = new Option<bool>("--json") { Description = "Write the merged result as JSON, which can be merged again" };
        Option<string?> report = HtmlReportWriter.CreateOption();
        var command = new Command("merge", "Merge results of several machines: histograms are added, so percentiles are exact") { files, failIf, json, report };
        command.SetAction((parsed, _) =>
        {
            string[] names = parsed.GetRequiredValue(files);
            RunResult[] results = [.. names.Select(ResultFile.Read)];
            RunResult merged = Verdict.Judge(ResultMerger.Merge(names, results), parsed.GetValue(failIf) ?? []);
            ResultOutput<RunResult> output = ResultOutput<RunResult>.Open(
                parsed.GetValue(json), quiet: false, RunText.Of, HtmlReportWriter.To(parsed.GetValue(report)));
            if (ResultMerger.Doubt(results) is { } doubt) StandardStreams.WriteErrorLine($"WARNING: {doubt}");
            return Task.FromResult(output.Write(merged));
        });
        return command;
    }
}
