using System.Net;
using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The programs as whoever installs them from a package has them.</summary>
public sealed class ToolTests(PackageFeed feed)
{
    public static TheoryData<string> Tools => [.. PackageFeed.Tools];

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Version_is_the_name_of_the_tool_and_the_version_of_its_package(string tool)
    {
        ProgramResult result = await RunAsync(tool, "--version");
        Assert.Equal([$"{tool} {Repository.Version}"], result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Installed_server_and_client_echo_with_certificates_of_the_installed_certs()
    {
        using var pki = new TempFolder();
        await RunAsync("rawecho-certs", "create", "--dir", pki.Path);
        await using var server = new ProgramProcess(
            await feed.InstallAsync("rawecho-server"),
            ["--listen", "127.0.0.1:0", "--ca", pki["ca.pem"], "--cert", pki["server.pem"], "--key", pki["server-key.pem"]]);
        const string label = "Listening on ";
        string address = IPEndPoint.Parse((await server.WaitForLineAsync(label))[label.Length..]).ToString();
        ProgramResult result = await RunAsync(
            "rawecho-client", "--server", address, "--ca", pki["ca.pem"], "--cert", pki["client.pem"], "--key", pki["client-key.pem"],
            "--clients", "2", "--messages", "50");
        Assert.Equal((50, 0), (result.Number("Round trips"), result.Number("Mismatches")));
    }

    [Fact]
    public async Task Installed_diagnostics_lists_the_process_of_this_test()
    {
        ProgramResult result = await RunAsync("rawecho-diagnostics", "ps");
        result.WithOutput($"{Environment.ProcessId}");
    }

    private async Task<ProgramResult> RunAsync(string tool, params string[] arguments)
    {
        await using var program = new ProgramProcess(await feed.InstallAsync(tool), arguments);
        ProgramResult result = await program.ExitAsync();
        Assert.True(result.ExitCode == 0, program.ToString());
        return result;
    }
}
