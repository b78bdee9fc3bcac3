using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Run;

/// <summary>Where the result of a run, or of a series of runs (--repeat), goes.</summary>
internal sealed class RunOutput
{
    private readonly ResultOutput<RunResult>? _run;
    private readonly ResultOutput<RepeatResult>? _series;

    private RunOutput(ResultOutput<RunResult> run) => _run = run;

    private RunOutput(ResultOutput<RepeatResult> series) => _series = series;

    /// <inheritdoc cref="ResultOutput{T}.Talk"/>
    public TextWriter Talk => _run?.Talk ?? _series!.Talk;

    /// <inheritdoc cref="ResultOutput{T}.Prompt"/>
    public TextWriter Prompt => _run?.Prompt ?? _series!.Prompt;

    /// <summary>Lines of JSON while a run goes on; null when nobody asked for them.</summary>
    public RunLinesWriter? Lines { get; private init; }

    /// <param name="json">JSON and not text on standard output.</param>
    /// <param name="quiet">Nothing but the result is wanted.</param>
    /// <param name="isSeries">There are several runs.</param>
    /// <param name="report">The file of the page; null for none.</param>
    /// <param name="histograms">The log of histograms; null for none.</param>
    /// <param name="lines">The lines of JSON; null for none.</param>
    /// <exception cref="CommandException">They contradict each other, or a file cannot be written.</exception>
    public static RunOutput Open(
        bool json, bool quiet, bool isSeries, string? report, HdrLogWriter? histograms, RunLinesWriter? lines)
    {
        bool isTaken = lines is { IsOutput: true };
        if (json && isTaken)
            throw new CommandException(ExitCode.Usage, "--json and --json-lines -: only one of the two can have standard output.");
        if (isSeries && histograms is not null)
            throw new CommandException(ExitCode.Usage, "--hdr-log and --repeat: the log holds one run. Leave out one of the two.");
        lines?.Check();
        if (isSeries)
        {
            HtmlReportWriter<RepeatResult>? page = HtmlReportWriter.OfSeries(report);
            page?.Check();
            return new RunOutput(isTaken
                ? ResultOutput<RepeatResult>.OpenData(lines!, quiet, page)
                : ResultOutput<RepeatResult>.Open(json, quiet, RepeatText.Of, page, lines))
            {
                Lines = lines,
            };
        }

        HtmlReportWriter<RunResult>? single = HtmlReportWriter.To(report);
        single?.Check();
        histograms?.Check();
        return new RunOutput(isTaken
            ? ResultOutput<RunResult>.OpenData(lines!, quiet, single, histograms)
            : ResultOutput<RunResult>.Open(json, quiet, RunText.Of, single, histograms, lines))
        {
            Lines = lines,
        };
    }

    /// <inheritdoc cref="ResultOutput{T}.Write"/>
    public int Write(RunResult result) => _run!.Write(result);

    /// <inheritdoc cref="ResultOutput{T}.Write"/>
    public int Write(RepeatResult result) => _series!.Write(result);
}
