using System.Net;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Where a server listens, and how a client names it.</summary>
public sealed class ListenTests(Certificates certificates)
{
    private const string Listening = "Listening on ";

    [Theory]
    [InlineData("localhost:0")]
    [InlineData(":0")]
    public async Task Localhost_is_the_loopback_addresses_and_no_other(string listen)
    {
        await using RunningServer server = await RunningServer.StartAsync(["--listen", listen, .. certificates.ServerOptions]);
        IPEndPoint[] addresses = [.. server.Process.Lines
            .Where(l => l.StartsWith(Listening, StringComparison.Ordinal))
            .Select(l => IPEndPoint.Parse(l[Listening.Length..]))];
        Assert.Equal(IPAddress.Loopback, addresses[0].Address);
        Assert.All(addresses, a => Assert.True(IPAddress.IsLoopback(a.Address)));
        foreach (IPEndPoint address in addresses)
            (await LoadRun.RunAsync($"{address}", certificates, "--clients", "1", "--messages", "10")).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_client_finds_localhost_by_its_name()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            $"localhost:{server.EndPoint.Port}", certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task IPv6_works_by_its_address_in_brackets()
    {
        Requires.IPv6();
        await using RunningServer server = await RunningServer.StartAsync(["--listen", "[::1]:0", .. certificates.ServerOptions]);
        Assert.Equal(IPAddress.IPv6Loopback, server.EndPoint.Address);
        ProgramResult client = await LoadRun.RunAsync($"[::1]:{server.EndPoint.Port}", certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success).WithOutput("Connected [::1]:", " to server [::1]:");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Client connection [::1]:");
    }

    [Fact]
    public async Task A_name_that_has_two_addresses_is_reached_at_the_one_that_answers()
    {
        Requires.IPv6();
        // On IPv6 alone: IPv4 is tried first, and nothing listens there.
        await using RunningServer server = await RunningServer.StartAsync(["--listen", "[::1]:0", .. certificates.ServerOptions]);
        ProgramResult client = await LoadRun.RunAsync(
            $"localhost:{server.EndPoint.Port}", certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success);
        Assert.Empty(client.Errors);
        await server.StopAsync();
    }

    [Fact]
    public async Task One_server_listens_at_several_addresses()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--listen", "127.0.0.1:0");
        string[] addresses =
            [.. server.Process.Lines.Where(l => l.StartsWith(Listening, StringComparison.Ordinal)).Select(l => l[Listening.Length..])];
        Assert.Equal(2, addresses.Distinct().Count());
        foreach (string address in addresses)
            (await LoadRun.RunAsync(address, certificates, "--clients", "1", "--messages", "10")).EndedWith(Exit.Success);
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Connections: 2 accepted");
    }
}
