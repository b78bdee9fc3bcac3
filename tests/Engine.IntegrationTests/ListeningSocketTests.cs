using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Listening sockets that are opened apart from the host, or by somebody else.</summary>
public class ListeningSocketTests
{
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task What_waits_in_a_socket_is_served_by_the_host_that_gets_it_and_the_socket_is_closed_with_it()
    {
        Socket listening = ListeningSocket.Open(Anywhere, backlog: 10);
        var address = (IPEndPoint)listening.LocalEndPoint!;
        using var early = new TcpClient();
        await early.ConnectAsync(address).WithinLimit();
        await using (var host = new ConnectionHost(new EngineOptions()))
        {
            Assert.Equal(address, host.Listen(listening, new EchoHandler()));
            await TestHost.EchoAsync(early.GetStream(), 10);
            await host.StopListeningAsync(address);
            await TestHost.EchoAsync(early.GetStream(), 10);
        }

        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(address).WithinLimit());
    }

    [Fact]
    public async Task A_descriptor_that_is_not_owned_listens_on_when_the_host_stops()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are of Unix.");
        using Socket manager = ListeningSocket.Open(Anywhere, backlog: 10);
        for (int i = 0; i < 3; i++)
        {
            await using var host = new ConnectionHost(new EngineOptions());
            IPEndPoint address = host.Listen(ListeningSocket.FromDescriptor(manager.Handle, owns: false), new EchoHandler());
            using var client = new TcpClient();
            await client.ConnectAsync(address).WithinLimit();
            await TestHost.EchoAsync(client.GetStream(), 10);
        }

        using var waiting = new TcpClient();
        await waiting.ConnectAsync((IPEndPoint)manager.LocalEndPoint!).WithinLimit();
    }

    [Fact]
    public void What_is_no_listening_socket_of_TCP_is_refused_and_left_open()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are of Unix.");
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(Anywhere);
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(Anywhere);
        using SafeFileHandle file = File.OpenHandle("/dev/null");
        foreach (nint descriptor in (nint[])[bound.Handle, datagrams.Handle, file.DangerousGetHandle(), 1_000_000])
        {
            IOException refused =
                Assert.Throws<IOException>(() => ListeningSocket.FromDescriptor(descriptor, owns: true));
            Assert.StartsWith($"Descriptor {descriptor} is no ", refused.Message);
        }

        // They are as they were.
        bound.Listen();
        Assert.NotNull(datagrams.LocalEndPoint);
        Assert.Equal(0, RandomAccess.Read(file, new byte[1], 0));
    }

    [Fact]
    public void An_address_in_use_is_named()
    {
        using Socket first = ListeningSocket.Open(Anywhere, backlog: 1);
        var taken = (IPEndPoint)first.LocalEndPoint!;
        ListenException refused = Assert.Throws<ListenException>(() => ListeningSocket.Open(taken, backlog: 1));
        Assert.Equal(taken, refused.EndPoint);
    }
}
