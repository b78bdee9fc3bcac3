using System.Net.Sockets;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// Health checks that connect and close (Kubernetes tcpSocket, a load balancer) do not count as failures and do not fill the log.
/// </summary>
public sealed class HealthCheckTests(Certificates certificates)
{
    private const int Checks = 20;

    [Theory]
    [InlineData("mutual", false)]
    [InlineData("mutual", true)]
    [InlineData("none", false)]
    [InlineData("none", true)]
    public async Task They_are_counted_apart_and_summed_up_in_the_log(string level, bool reset)
    {
        string[] tls = level == "none" ? ["--tls", "none"] : certificates.ServerOptions;
        await using RunningServer server = await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. tls]);
        for (int i = 0; i < Checks; i++) await CheckAsync(server, reset);
        await server.Process.WaitForLineAsync("1 connection from 127.0.0.1 ended before its first byte");
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"Endings: EndedBeforeFirstByte {Checks}").WithOutput("Handshakes: 0 done, 0 failed");
        report.WithOutput($"{Checks - 1} connections from 127.0.0.1 ended before their first byte, as health checks do.");
        Assert.Equal(
            2,
            report.Output.Count(
                l => l.Contains("127.0.0.1", StringComparison.Ordinal) && !l.StartsWith("Listening", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Whoever_sends_something_first_is_no_health_check()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using (Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint)) await socket.SendAsync(new byte[] { 22 }).WithinLimit();
        await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        (await server.StopAsync()).WithOutput("Endings: HandshakeFailed 1").WithOutput("Handshakes: 0 done, 1 failed");
    }

    [Fact]
    public async Task In_detail_each_of_them_is_said()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        await CheckAsync(server, reset: false);
        await server.Process.WaitForLineAsync("EndedBeforeFirstByte.");
        (await server.StopAsync()).WithOutput("Closed 127.0.0.1:", "EndedBeforeFirstByte.");
    }

    private static async Task CheckAsync(RunningServer server, bool reset)
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        if (reset) socket.LingerState = new LingerOption(enable: true, seconds: 0);
        else await WaitForEndAsync(socket);
    }

    private static async Task WaitForEndAsync(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        await TestServer.DiscardAsync(socket).WithinLimit();
    }
}
