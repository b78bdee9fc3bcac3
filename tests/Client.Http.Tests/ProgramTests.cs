using System.Text.Json;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Client.Http.Tests;

/// <summary>The real program: what goes to standard output, and what it loads.</summary>
public sealed class ProgramTests(TestFiles files) : IClassFixture<TestFiles>
{
    [Fact]
    public async Task The_body_goes_to_standard_output_behind_the_status()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        ProgramResult get = await RunAsync(["get", $"{server.Url}/echo", "--data", "one\ntwo\n", .. files.Mutual]);
        get.EndedWith(ExitCode.Success);
        Assert.Equal(["HTTP/2 200", "one", "two"], get.Output);
        Assert.Empty(get.Errors);
        ProgramResult quiet = await RunAsync(["get", $"{server.Url}/echo", "--data", "one", "--quiet", "--http", "1.1", .. files.Mutual]);
        Assert.Equal(["one"], quiet.EndedWith(ExitCode.Success).Output);
    }

    [Fact]
    public async Task A_load_and_a_probe_of_a_web_server()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        ProgramResult run = await RunAsync(
            ["run", $"{server.Url}/echo", "--size", "1-500", "--clients", "4", "--duration", "500ms", "--json", "--quiet", .. files.Mutual]);
        using JsonDocument json = JsonDocument.Parse(Assert.Single(run.EndedWith(ExitCode.Success).Output));
        Assert.True(json.RootElement.GetProperty("roundTrips").GetInt64() > 0);
        ProgramResult probe = await RunAsync(["probe", $"{server.Url}/head", .. files.Mutual]);
        probe.EndedWith(ExitCode.Success).WithOutput("Mutual TLS works", "status 204");
    }

    [Fact]
    public async Task An_echo_loads_nothing_of_HTTP()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The libraries of a process are read from /proc.");
        await using var server = new ScriptedServer(async stream =>
        {
            byte[] buffer = new byte[1000];
            while (await stream.ReadAsync(buffer) is > 0 and var read) await stream.WriteAsync(buffer.AsMemory(0, read));
        });
        await using var client = new ProgramProcess(
            Programs.Client, ["--server", $"127.0.0.1:{server.Port}", "--tls", "none", "--clients", "2", "--wait"]);
        await client.WaitForLineAsync("Press any key");
        await client.TypeAsync("");
        await TimeLimit.Until(() => server.Connections == 2, "both are connected");
        string libraries = await File.ReadAllTextAsync($"/proc/{client.Id}/maps");
        Assert.Contains("System.Net.Sockets.dll", libraries, StringComparison.Ordinal);
        Assert.DoesNotContain("System.Net.Http.dll", libraries, StringComparison.Ordinal);
        client.Kill();
        await client.ExitAsync();
    }

    private static async Task<ProgramResult> RunAsync(string[] arguments)
    {
        await using var client = new ProgramProcess(Programs.Client, arguments);
        return await client.ExitAsync();
    }
}
