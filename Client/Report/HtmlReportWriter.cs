using System.CommandLine;
using RawEcho.Charts.Rendering;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Report;

/// <summary>The result of a run as one HTML page with charts, in the file of --report.</summary>
internal sealed class HtmlReportWriter : IResultWriter<RunResult>
{
    private readonly OutputFile _file;

    private HtmlReportWriter(string name) => _file = new OutputFile(name, "The report");

    public static Option<string?> CreateOption() =>
        Parsers.FileName("--report", "Write the results as one HTML page with charts, too; it opens from disk and needs no network");

    /// <param name="name">The file; null for no report.</param>
    public static HtmlReportWriter? To(string? name) => name is null ? null : new HtmlReportWriter(name);

    /// <inheritdoc cref="OutputFile.Check"/>
    public void Check() => _file.Check();

    public void Write(RunResult result) => _file.Write(RunReportPage.Of(result, DateTimeOffset.Now).Save);
}
