using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Addresses that cannot be had: exit code 4, and one sentence that names the address.</summary>
public sealed class NetworkErrorTests(Certificates certificates)
{
    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using RunningServer first = await RunningServer.StartAsync(certificates);
        ProgramResult second = await ServeAsync(first.Address);
        second.EndedWith(Exit.Network).WithOneSentence(first.Address, "another program uses this port");
        Assert.DoesNotContain(second.Output, l => l.StartsWith("Listening", StringComparison.Ordinal));
        await first.StopAsync();
    }

    [Fact]
    public async Task Several_addresses_are_had_all_or_none()
    {
        await using RunningServer first = await RunningServer.StartAsync(certificates);
        await using var second = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--listen", first.Address, .. certificates.ServerOptions]);
        (await second.ExitAsync()).EndedWith(Exit.Network).WithOneSentence(first.Address);
        await first.StopAsync();
    }

    [Fact]
    public async Task A_port_that_needs_privileges_is_named()
    {
        Requires.NoRoot("root may listen on every port");
        const int privileged = 1;
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, privileged));
            Assert.Skip("This machine lets every user listen on every port.");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            // That is what is to be tested.
        }

        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{privileged}");
        (await ServeAsync(address)).EndedWith(Exit.Network).WithOneSentence(address, "no permission");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named() =>
        (await ServeAsync("192.0.2.1:0")).EndedWith(Exit.Network).WithOneSentence("192.0.2.1:0", "does not have that address");

    [Fact]
    public async Task A_host_name_that_nobody_knows_is_named()
    {
        // RFC 6761: .invalid never exists.
        (await ServeAsync("no-such-host.invalid:0")).EndedWith(Exit.Network).WithOneSentence("'no-such-host.invalid'");
        ProgramResult client = await LoadRun.RunAsync("no-such-host.invalid:7443", certificates, "--clients", "1");
        client.EndedWith(Exit.Network).WithOneSentence("'no-such-host.invalid'");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        // Bound, so that nobody else takes the port, but not listening.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string address = socket.LocalEndPoint!.ToString()!;
        ProgramResult client = await LoadRun.RunAsync(address, certificates, "--clients", "3", "--duration", "10s");
        client.EndedWith(Exit.Network).WithOneSentence("not connected", address, "nothing listens there");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_at_the_connect_timeout()
    {
        Requires.Linux("elsewhere a full backlog answers in other ways");
        // A listener that never accepts and whose queue is full: the kernel drops what comes next without a word.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        using Socket queued = await RawClient.ConnectTcpAsync(endPoint);
        ProgramResult client = await LoadRun.RunAsync(
            $"{endPoint}", certificates, "--clients", "2", "--connect-timeout", "500ms", "--handshake-timeout", "20s");
        client.EndedWith(Exit.Network).WithOneSentence($"{endPoint}", "did not answer in time");
    }

    private async Task<ProgramResult> ServeAsync(string address)
    {
        await using var process = new ProgramProcess(Programs.Server, ["--listen", address, .. certificates.ServerOptions]);
        return await process.ExitAsync();
    }
}
