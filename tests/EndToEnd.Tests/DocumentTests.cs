using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// README and pages for users: every command in them is run, and what comes has the form that is shown. A class for each document, so that
/// they run side by side. DocumentCoverageTests sees that no document and no command is forgotten.
/// </summary>
/// <param name="document">Its path in the repository.</param>
public abstract class DocumentTests(string document)
{
    /// <summary>Its path in the repository.</summary>
    public string Path => document;

    [Fact]
    public async Task Its_commands_do_what_it_shows()
    {
        Requires.Linux("the commands are those of a Unix shell");
        await Requires.OpenSslAsync();
        await using var run = new DocumentRun();
        await run.RunAsync(document);
        Assert.True(run.Differences.Count == 0, string.Join("\n\n", run.Differences));
    }
}

/// <summary>README.md.</summary>
public sealed class ReadmeTests() : DocumentTests("README.md");

/// <summary>docs/certs.md.</summary>
public sealed class CertsDocumentTests() : DocumentTests("docs/certs.md");

/// <summary>docs/client.md.</summary>
public sealed class ClientDocumentTests() : DocumentTests("docs/client.md");

/// <summary>docs/command-line.md.</summary>
public sealed class CommandLineDocumentTests() : DocumentTests("docs/command-line.md");

/// <summary>docs/diagnostics.md.</summary>
public sealed class DiagnosticsDocumentTests() : DocumentTests("docs/diagnostics.md");

/// <summary>docs/fleet.md.</summary>
public sealed class FleetDocumentTests() : DocumentTests("docs/fleet.md");

/// <summary>docs/packages.md.</summary>
public sealed class PackagesDocumentTests() : DocumentTests("docs/packages.md");

/// <summary>docs/probe.md.</summary>
public sealed class ProbeDocumentTests() : DocumentTests("docs/probe.md");

/// <summary>docs/reports.md.</summary>
public sealed class ReportsDocumentTests() : DocumentTests("docs/reports.md");

/// <summary>docs/security.md.</summary>
public sealed class SecurityDocumentTests() : DocumentTests("docs/security.md");

/// <summary>docs/server.md.</summary>
public sealed class ServerDocumentTests() : DocumentTests("docs/server.md");
