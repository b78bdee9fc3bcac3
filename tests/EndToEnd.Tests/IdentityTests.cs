using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Certificates made by the very recipes of the tutorials, the options that say who may come in, and the key log.</summary>
public sealed class IdentityTests(Certificates certificates)
{
    // X.509 v1 with a common name and nothing else; a self-signed pair that is its own root; a CA with both purposes as a leaf.
    public static TheoryData<string, string> Recipes => new()
    {
        { "v1", "is X.509 v1" },
        { "own-root", "is its own root" },
        { "ca-as-leaf", "is a CA certificate" },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public async Task The_recipes_of_old_are_refused_with_the_way_out_and_legacy_takes_it(string recipe, string rule)
    {
        await Requires.OpenSslAsync();
        using var folder = new TempFolder();
        (string ca, PemFiles pem) = await MakeAsync(recipe, folder);
        string[] options = Certificates.Options(ca, pem);

        await using RunningServer strict = await RunningServer.StartAsync(["--listen", "127.0.0.1:0", "--policy", "strict", .. options]);
        string[] clients = ["--server", $"localhost:{strict.EndPoint.Port}", "--clients", "1", "--messages", "5"];
        ProgramResult refused = await LoadRun.RunAsync([.. clients, .. options]);
        refused.EndedWith(Exit.TlsRefused).WithError("The server's certificate was refused", rule, "--policy legacy");
        ProgramResult half = await LoadRun.RunAsync([.. clients, .. options, "--policy", "legacy"]);
        half.EndedWith(Exit.TlsRefused);
        await strict.Process.WaitForLineAsync(
            l => l.Contains("PeerCertificateRefused", StringComparison.Ordinal)
                && l.Contains(rule, StringComparison.Ordinal)
                && l.Contains("--policy legacy", StringComparison.Ordinal),
            "the way out");
        await strict.StopAsync();

        await using RunningServer legacy = await RunningServer.StartAsync(["--listen", "127.0.0.1:0", "--policy", "legacy", .. options]);
        ProgramResult done = await LoadRun.RunAsync(
            ["--server", $"localhost:{legacy.EndPoint.Port}", "--clients", "3", "--messages", "30", .. options, "--policy", "legacy"]);
        done.EndedWith(Exit.Success).WithError("WARNING: --policy legacy accepted", rule);
        ProgramResult report = await legacy.StopAsync();
        Assert.Equal(1, report.Count("WARNING: --policy legacy accepted"));
        report.WithOutput("WARNING: --policy legacy accepted", rule);
    }

    [Fact]
    public async Task Only_those_on_the_allow_list_come_in_and_the_file_is_read_again_when_it_changes()
    {
        using var folder = new TempFolder();
        string file = folder.Write("allow", "cn:somebody else\n");
        await using RunningServer server = await RunningServer.StartAsync(
            certificates, "--allow-file", file, "--allow", "dns:nobody.example", "--reload", "100ms");
        ProgramResult refused = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        refused.EndedWith(Exit.TlsRefused).WithError("not on its list");
        await server.Process.WaitForLineAsync("is not on the allow-list");

        File.WriteAllText(file, "not an entry\n");
        await server.Process.WaitForLineAsync("NOT reloaded (files have changed), the old certificates and lists stay in use");
        File.WriteAllText(file, "cn:test client\n");
        await server.Process.WaitForLineAsync("allowed 2.");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task An_allow_list_without_an_entry_lets_nobody_in()
    {
        using var folder = new TempFolder();
        await using RunningServer server = await RunningServer.StartAsync(
            certificates, "--allow-file", folder.Write("allow", "# nobody yet\n"));
        await server.Process.WaitForLineAsync("has no entry: nobody is let in");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5")).EndedWith(Exit.TlsRefused);
        await server.Process.WaitForLineAsync("is not on the allow-list");
        await server.StopAsync();
    }

    [Theory]
    [InlineData(Exit.Usage, "--allow takes", "--allow", "somebody")]
    [InlineData(Exit.Usage, "--crl-missing allow needs --crl", "--crl-missing", "allow")]
    [InlineData(Exit.Usage, "nobody can be told apart", "--allow", "cn:a", "--tls", "server")]
    [InlineData(Exit.Usage, "--policy takes strict or legacy", "--policy", "lax")]
    [InlineData(Exit.Usage, "--keylog: ", "--keylog", "/no/such/folder/keys")]
    [InlineData(Exit.Certificate, "no such file", "--crl", "/no/such/list")]
    [InlineData(Exit.Certificate, "no such file", "--allow-file", "/no/such/list")]
    public async Task Options_that_cannot_be_are_refused_in_one_sentence(int code, string part, params string[] options)
    {
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions.Where(_ => !options.Contains("--tls")), .. options]);
        (await server.ExitAsync()).EndedWith(code).WithOneSentence(part);
    }

    [Fact]
    public async Task A_key_log_is_written_on_demand_for_its_owner_alone()
    {
        Requires.Linux("elsewhere .NET writes none");
        using var folder = new TempFolder();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--keylog", folder["server.keys"]);
        await server.Process.WaitForLineAsync("WARNING: --keylog");
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "10", "--keylog", folder["client.keys"]);
        client.EndedWith(Exit.Success).WithError("WARNING: --keylog");
        await server.StopAsync();
        string[] lines = File.ReadAllLines(folder["server.keys"]);
        Assert.Contains(lines, l => l.StartsWith("CLIENT_TRAFFIC_SECRET_0 ", StringComparison.Ordinal));
        Assert.Equal(lines.Order(), File.ReadAllLines(folder["client.keys"]).Order());
        if (OperatingSystem.IsLinux())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["server.keys"]));
    }

    [Fact]
    public async Task A_key_log_on_a_full_disk_ends_nothing_but_the_key_log()
    {
        Requires.Linux("/dev/full");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--keylog", "/dev/full");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        (await server.StopAsync()).WithError("WARNING: --keylog: no more is written");
    }

    private static async Task<(string Ca, PemFiles Pem)> MakeAsync(string recipe, TempFolder folder)
    {
        string key = folder["key.pem"], certificate = folder["cert.pem"], ca = folder["ca.pem"], caKey = folder["ca-key.pem"],
            request = folder["request.pem"];
        string[] newKey = ["-newkey", "rsa:2048", "-nodes"];
        switch (recipe)
        {
            case "v1":
                await OpenSslAsync(["req", "-x509", .. newKey, "-days", "30", "-keyout", caKey, "-out", ca, "-subj", "/CN=ca.bugfree.dk"]);
                await OpenSslAsync(["req", "-new", .. newKey, "-keyout", key, "-out", request, "-subj", "/CN=localhost"]);
                await OpenSslAsync(
                    ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "30", "-out", certificate]);
                return (ca, new PemFiles(certificate, key));
            case "own-root":
                await OpenSslAsync([
                    "req", .. newKey, "-new", "-x509", "-days", "3650", "-out", certificate, "-keyout", key,
                    "-subj", "/C=US/ST=California/O=Your Organization/CN=localhost",
                ]);
                return (certificate, new PemFiles(certificate, key));
            default:
                await OpenSslAsync(
                [
                    "req", "-x509", .. newKey, "-days", "30", "-keyout", key, "-out", certificate, "-subj", "/O=Some Bank",
                    "-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign",
                    "-addext", "extendedKeyUsage=serverAuth,clientAuth",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                ]);
                return (certificate, new PemFiles(certificate, key));
        }
    }

    internal static async Task OpenSslAsync(string[] arguments)
    {
        await using var openssl = new ProgramProcess(Programs.OpenSsl!, arguments);
        (await openssl.ExitAsync()).EndedWith(0);
    }
}
