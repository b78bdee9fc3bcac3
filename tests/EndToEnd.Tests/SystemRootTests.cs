using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The trusted roots of the system, which none of the programs needs.</summary>
public sealed class SystemRootTests(Certificates certificates)
{
    private static readonly DateTime Old = DateTime.UnixEpoch.AddYears(40);

    [Fact]
    public async Task Server_and_client_do_not_read_them()
    {
        Requires.Linux("access times");
        using var folder = new TempFolder();
        string roots = folder["roots.pem"];
        await File.WriteAllTextAsync(roots, await File.ReadAllTextAsync(certificates.Ca));
        Forget(roots);
        await File.ReadAllTextAsync(roots);
        Assert.SkipUnless(File.GetLastAccessTimeUtc(roots) > Old, "This file system keeps no access times.");
        Forget(roots);
        var environment = new Dictionary<string, string> { ["SSL_CERT_FILE"] = roots, ["SSL_CERT_DIR"] = folder.Path };
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--quiet"], environment);
        string address = (await server.WaitForLineAsync("Listening on "))["Listening on ".Length..];
        await using var client = new ProgramProcess(
            Programs.Client, ["--server", address, "--messages", "1", .. certificates.ClientOptions, "--quiet"], environment);
        (await client.ExitAsync()).EndedWith(Exit.Success);
        Assert.Equal(Old, File.GetLastAccessTimeUtc(roots));
    }

    // An access time is only renewed when it is older than the last change (relatime), or a day old.
    private static void Forget(string file)
    {
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        File.SetLastAccessTimeUtc(file, Old);
    }
}
