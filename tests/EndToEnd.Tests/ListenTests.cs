using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Where a server listens, and how a client names it.</summary>
public sealed class ListenTests(Certificates certificates)
{
    private const string Listening = "Listening on ";

    [Theory]
    [InlineData(":0")]
    [InlineData("[::]:0")]
    public async Task A_port_alone_is_every_address_of_IPv4_and_IPv6_for_all_services(string listen)
    {
        Requires.IPv6();
        // Every machine has more than its loopback addresses, if it has a network; 127.0.0.2 is one that localhost is not.
        Requires.Linux("127.0.0.2");
        await using RunningHttpServer server = await RunningHttpServer.StartAsync(
            ["--listen", listen, "--http", listen, "--admin", listen, "--tls", "none"]);
        Assert.Single(server.Process.Lines, l => l.StartsWith("[::] is every IPv4 and IPv6 address here", StringComparison.Ordinal));
        string echo = server.Process.Lines.Single(l => l.StartsWith("Listening on [::]:", StringComparison.Ordinal));
        string[] services =
        [
            echo, .. server.Process.Lines.Where(l => l.StartsWith("Serving HTTP on http://[::]:", StringComparison.Ordinal)),
            server.Process.Lines.Last(l => l.StartsWith("Admin pages on http://[::]:", StringComparison.Ordinal)),
        ];
        Assert.True(services.Length >= 3, string.Join('\n', services));
        foreach (string service in services)
        {
            int port = int.Parse(service[(service.LastIndexOf(':') + 1)..].TrimEnd('/'), CultureInfo.InvariantCulture);
            foreach (string address in (string[])["127.0.0.2", "::1"])
            {
                using var client = new TcpClient(address.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
                await client.ConnectAsync(IPAddress.Parse(address), port).WithinLimit();
            }
        }

        string port4 = echo[(echo.LastIndexOf(':') + 1)..];
        (await LoadRun.RunAsync("run", "--tls", "none", "--server", $"127.0.0.2:{port4}", "--clients", "1", "--messages", "1"))
            .EndedWith(Exit.Success);
        // A peer of IPv4 has the address that it has.
        await server.Process.WaitForLineAsync("Client connection 127.0.0.");
        await server.StopAsync();
    }

    [Fact]
    public async Task Localhost_is_the_loopback_addresses_and_no_other()
    {
        await using RunningServer server = await RunningServer.StartAsync(["--listen", "localhost:0", .. certificates.ServerOptions]);
        await server.Process.WaitForLineAsync("Only this machine can connect.");
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
