using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The trusted roots of the system, which none of the programs needs.</summary>
public sealed class SystemRootTests(Certificates certificates)
{
    [Fact]
    public async Task Server_and_client_do_not_read_them()
    {
        Requires.Linux("mkfifo");
        using var folder = new TempFolder();
        await using (var make = new ProgramProcess("mkfifo", [folder["roots.pem"]])) (await make.ExitAsync()).EndedWith(Exit.Success);
        // Whoever opens it waits for a writer, who never comes.
        var roots = new Dictionary<string, string> { ["SSL_CERT_FILE"] = folder["roots.pem"], ["SSL_CERT_DIR"] = folder.Path };
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--quiet"], roots);
        string address = (await server.WaitForLineAsync("Listening on "))["Listening on ".Length..];
        await using var client = new ProgramProcess(
            Programs.Client, ["--server", address, "--messages", "1", .. certificates.ClientOptions, "--quiet"], roots);
        (await client.ExitAsync()).EndedWith(Exit.Success);
    }
}
