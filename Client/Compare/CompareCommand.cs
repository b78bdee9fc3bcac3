using System.CommandLine;
using System.Globalization;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Compare;

/// <summary>The command "compare".</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        const string meaning = "Compare results of runs: each file against the first, figure by figure, and whether a change is noise";
        var command = new Command("compare", meaning);
        OptionSet.Attach(command, Declare, settings => Task.FromResult(Run(settings)));
        return command;
    }

    private static Func<ParseResult, CompareSettings> Declare(OptionSet options)
    {
        OptionReader<string[]> files = options.Add(new Argument<string[]>("files")
        {
            Description = "Results of 'run --json': with --repeat, or several in one file, the runs of a file are one sample",
            Arity = ArgumentArity.OneOrMore,
        });
        OptionReader<Written<double>> alpha = options.Add(Parsers.Value<double>(
            "--alpha", "number", "A change is more than noise where the p value of the test is below this",
            "0.05", TryAlpha, "a number above 0 and up to 0.5, such as 0.05"));
        OptionReader<ChangeCondition[]> failIf = options.Add(ChangeCondition.CreateOption());
        OptionReader<bool> json = options.Add(OutputOptions.Json());
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        return parsed =>
        {
            string[] names = files.Read(parsed);
            if (names.Length < 2)
                throw new CommandException(ExitCode.Usage, "compare needs two files or more: the old one first.");
            HtmlReportWriter<ComparisonResult>? page = HtmlReportWriter.OfComparison(report.Read(parsed));
            return new CompareSettings(
                names,
                alpha.Read(parsed).Value,
                failIf.Read(parsed),
                ResultOutput<ComparisonResult>.Open(json.Read(parsed), quiet: false, ComparisonText.Of, page));
        };
    }

    private static int Run(CompareSettings settings)
    {
        IReadOnlyList<ComparedResult> files = ComparedFiles.Read(settings.Files);
        ComparisonResult result = new Comparison(settings.Alpha).Of(files, settings.Conditions);
        foreach (string doubt in files.SelectMany(f => f.Doubts)) StandardStreams.WriteErrorLine($"WARNING: {doubt}");
        return settings.Output.Write(result);
    }

    private static bool TryAlpha(string word, out double alpha) =>
        double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out alpha) && alpha is > 0 and <= 0.5;

    private sealed record CompareSettings(
        string[] Files, double Alpha, IReadOnlyList<ChangeCondition> Conditions, ResultOutput<ComparisonResult> Output);
}
