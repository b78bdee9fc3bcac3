using System.Net;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The PROXY protocol between the programs themselves: options, log, report and mistakes.</summary>
public sealed class ProxyProtocolTests(Certificates certificates)
{
    private static readonly string[] FromHere = ["--proxy-protocol", "required", "--proxy-from", "127.0.0.0/8"];

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task A_client_that_sends_the_header_is_served_and_the_log_names_both_addresses(string version)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, FromHere);
        ProgramResult result = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "3", "--messages", "300", "--send-proxy", version);
        result.EndedWith(Exit.Success);
        Assert.Equal((300, 0), (result.Number("Round trips"), result.Number("Mismatches")));
        string line = await server.Process.WaitForLineAsync("accepted");
        Assert.Matches(@"^Client connection (127\.0\.0\.1:\d+) by \1 accepted", line);
        await server.StopAsync();
    }

    [Fact]
    public async Task Every_command_of_the_client_sends_it()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, FromHere);
        string[][] commands =
        [
            ["probe", "--send-proxy", "v2"],
            ["handshake", "--count", "3", "--clients", "1", "--send-proxy", "v1"],
            ["run", "--mode", "upload", "--clients", "2", "--duration", "1s", "--send-proxy", "v2"],
        ];
        foreach (string[] command in commands)
        {
            string[] words = [.. command, "--server", server.Address];
            ProgramResult result = await LoadRun.RunAsync([.. words, .. certificates.ClientOptions]);
            Assert.True(result.ExitCode == Exit.Success, $"{string.Join(' ', words)}\n{result}");
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task Without_a_header_or_with_one_from_a_stranger_the_connection_is_refused_and_the_log_says_why()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, FromHere);
        await using RunningServer far = await RunningServer.StartAsync(
            certificates, "--proxy-protocol", "optional", "--proxy-from", "192.0.2.0/24,2001:db8::1");
        (await LoadRun.RunAsync(server.Address, certificates, "--messages", "1")).EndedWith(Exit.TlsRefused);
        await server.Process.WaitForLineAsync("ProxyHeaderInvalid. It began without a PROXY header.");
        (await LoadRun.RunAsync(far.Address, certificates, "--messages", "1", "--send-proxy", "v2")).EndedWith(Exit.TlsRefused);
        await far.Process.WaitForLineAsync("is no proxy, and sent a PROXY header.");
        (await LoadRun.RunAsync(far.Address, certificates, "--messages", "10")).EndedWith(Exit.Success);
        await server.StopAsync();
        await far.StopAsync();
    }

    [Fact]
    public async Task A_server_without_it_finds_out_what_came()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        (await LoadRun.RunAsync(server.Address, certificates, "--messages", "1", "--send-proxy", "v2")).EndedWith(Exit.TlsRefused);
        await server.Process.WaitForLineAsync("HandshakeFailed");
        await server.StopAsync();
    }

    [Theory]
    [InlineData("--proxy-protocol required", "--proxy-protocol needs --proxy-from")]
    [InlineData("--proxy-from 10.0.0.0/8", "--proxy-from needs --proxy-protocol")]
    [InlineData("--proxy-protocol maybe --proxy-from ::1", "off, optional or required")]
    [InlineData("--proxy-protocol optional --proxy-from 10.1.0.0/8", "10.0.0.0/8 is one")]
    [InlineData("--proxy-protocol optional --proxy-from balancer", "--proxy-from takes a network")]
    [InlineData("--proxy-timeout 2s", "--proxy-timeout needs --proxy-protocol")]
    [InlineData("--drain-delay 2s", "--drain-delay needs --admin")]
    [InlineData("--proxy-identity", "--proxy-identity needs --proxy-protocol required")]
    [InlineData("--proxy-identity --proxy-protocol optional --proxy-from ::1 --allow cn:a", "needs --proxy-protocol required")]
    [InlineData("--proxy-identity --proxy-protocol required --proxy-from ::1", "--proxy-identity needs --allow or --allow-file")]
    [InlineData("--proxy-identity --proxy-protocol required --proxy-from ::1 --tls server", "--proxy-identity needs --tls mutual")]
    public async Task What_contradicts_itself_is_one_sentence(string options, string words)
    {
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, .. options.Split(' ')]);
        (await server.ExitAsync()).EndedWith(Exit.Usage).WithError(words);
    }

    [Fact]
    public async Task HTTP_has_the_clients_address_too()
    {
        await using var server = new ProgramProcess(
            Programs.Server, ["--http", "127.0.0.1:0", .. certificates.ServerOptions, .. FromHere]);
        const string label = "Serving HTTP on ";
        var address = new Uri((await server.WaitForLineAsync(label))[label.Length..]);
        await server.WaitForLineAsync("Server started");
        ProgramResult answer = await LoadRun.RunAsync(
            ["get", $"{address}connection", "--quiet", .. certificates.ClientOptions, "--send-proxy", "v2"]);
        answer.EndedWith(Exit.Success);
        using JsonDocument report = JsonDocument.Parse(string.Join('\n', answer.Output));
        JsonElement proxy = report.RootElement.GetProperty("proxy");
        Assert.Equal(2, proxy.GetProperty("version").GetInt32());
        Assert.Equal(report.RootElement.GetProperty("remote").GetString(), proxy.GetProperty("address").GetString());
        Assert.True(IPEndPoint.TryParse(proxy.GetProperty("address").GetString()!, out _));
    }
}
