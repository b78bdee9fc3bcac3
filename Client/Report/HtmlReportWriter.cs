using System.CommandLine;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Report;

/// <summary>A result as one HTML page with charts, in the file of --report.</summary>
internal sealed class HtmlReportWriter<TResult> : IResultWriter<TResult>
{
    private readonly OutputFile _file;
    private readonly Func<TResult, DateTimeOffset, ReportPage> _toPage;

    /// <param name="name">The file.</param>
    /// <param name="toPage">Makes the page of a result and the time at which it is written.</param>
    public HtmlReportWriter(string name, Func<TResult, DateTimeOffset, ReportPage> toPage) =>
        (_file, _toPage) = (new OutputFile(name, "The report"), toPage);

    /// <inheritdoc cref="OutputFile.Check"/>
    public void Check() => _file.Check();

    public void Write(TResult result) => _file.Write(_toPage(result, DateTimeOffset.Now).Save);
}

/// <summary>The pages of all commands that write one.</summary>
internal static class HtmlReportWriter
{
    public static Option<string?> CreateOption() =>
        Parsers.FileName("--report", "Write the results as one HTML page with charts, too; it opens from disk and needs no network");

    /// <summary>The page of a load run.</summary>
    /// <param name="name">The file; null for no report.</param>
    public static HtmlReportWriter<RunResult>? To(string? name) => Of<RunResult>(name, RunReportPage.Of);

    /// <summary>The page of a search for the highest rate.</summary>
    /// <inheritdoc cref="To"/>
    public static HtmlReportWriter<MaxResult>? OfSearch(string? name) => Of<MaxResult>(name, MaxReportPage.Of);

    /// <summary>The page of a run of handshakes.</summary>
    /// <inheritdoc cref="To"/>
    public static HtmlReportWriter<HandshakeResult>? OfHandshakes(string? name) => Of<HandshakeResult>(name, HandshakeReportPage.Of);

    /// <summary>The page of several runs of one load.</summary>
    /// <inheritdoc cref="To"/>
    public static HtmlReportWriter<RepeatResult>? OfSeries(string? name) => Of<RepeatResult>(name, RepeatReportPage.Of);

    /// <summary>The page of a comparison.</summary>
    /// <inheritdoc cref="To"/>
    public static HtmlReportWriter<ComparisonResult>? OfComparison(string? name) => Of<ComparisonResult>(name, CompareReportPage.Of);

    private static HtmlReportWriter<TResult>? Of<TResult>(string? name, Func<TResult, DateTimeOffset, ReportPage> toPage) =>
        name is null ? null : new HtmlReportWriter<TResult>(name, toPage);
}
