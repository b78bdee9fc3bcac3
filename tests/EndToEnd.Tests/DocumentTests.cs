using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// README and pages for users: every session in them is run, and what comes has the form that is shown. A class for each document, so that
/// they run side by side. HttpDocumentTests has docs/http.md.
/// </summary>
/// <param name="document">Its path in the repository.</param>
/// <param name="leftOut">Sessions that are marked as not run. Nobody leaves one out lightly.</param>
public abstract class DocumentTests(string document, int leftOut)
{
    [Fact]
    public async Task Its_sessions_have_the_form_that_it_shows()
    {
        Requires.Linux("the commands are those of a Unix shell");
        await using var run = new DocumentRun();
        await run.RunAsync(document);
        Assert.Equal(leftOut, run.LeftOut.Count);
        Assert.True(run.Differences.Count == 0, string.Join("\n\n", run.Differences));
    }
}

/// <summary>README.md.</summary>
public sealed class ReadmeTests() : DocumentTests("README.md", 4);

/// <summary>docs/certs.md.</summary>
public sealed class CertsDocumentTests() : DocumentTests("docs/certs.md", 0);

/// <summary>docs/client.md.</summary>
public sealed class ClientDocumentTests() : DocumentTests("docs/client.md", 7);

/// <summary>docs/command-line.md.</summary>
public sealed class CommandLineDocumentTests() : DocumentTests("docs/command-line.md", 2);

/// <summary>docs/diagnostics.md.</summary>
public sealed class DiagnosticsDocumentTests() : DocumentTests("docs/diagnostics.md", 1);

/// <summary>docs/packages.md.</summary>
public sealed class PackagesDocumentTests() : DocumentTests("docs/packages.md", 1);

/// <summary>docs/probe.md.</summary>
public sealed class ProbeDocumentTests() : DocumentTests("docs/probe.md", 4);

/// <summary>docs/reports.md.</summary>
public sealed class ReportsDocumentTests() : DocumentTests("docs/reports.md", 1);

/// <summary>docs/server.md.</summary>
public sealed class ServerDocumentTests() : DocumentTests("docs/server.md", 3);
