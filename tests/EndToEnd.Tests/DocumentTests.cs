using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// README and pages for users: every session in them is run, and what comes has the form that is shown. HttpDocumentTests has docs/http.md.
/// </summary>
public sealed class DocumentTests
{
    [Theory]
    [InlineData("README.md", 4)]
    [InlineData("docs/certs.md", 0)]
    [InlineData("docs/client.md", 7)]
    [InlineData("docs/command-line.md", 2)]
    [InlineData("docs/probe.md", 4)]
    [InlineData("docs/reports.md", 1)]
    public async Task The_sessions_of_a_document_have_the_form_that_it_shows(string document, int leftOut)
    {
        Requires.Linux("the commands are those of a Unix shell");
        await using var run = new DocumentRun();
        await run.RunAsync(document);
        // Nobody leaves one out lightly.
        Assert.Equal(leftOut, run.LeftOut.Count);
        Assert.True(run.Differences.Count == 0, string.Join("\n\n", run.Differences));
    }
}
