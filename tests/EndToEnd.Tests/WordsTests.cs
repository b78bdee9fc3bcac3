using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// What the client says of a failure is what happened, with the right number. (That no program ever shows a message of the platform that
/// does no more than refer to an inner exception is looked after by <see cref="ProgramProcess"/>.)
/// </summary>
public sealed class WordsTests(Certificates certificates)
{
    private static readonly string[] Unanswered = ["before it answered the ClientHello", "limit of connections", "does not speak TLS"];

    [Fact]
    public async Task Beyond_the_servers_limit_of_connections_nobody_speaks_of_certificates()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-connections", "2");
        await using ProgramProcess holder = LoadRun.Start(server.Address, certificates, "--clients", "2", "--messages", "10", "--wait");
        await holder.WaitForLineAsync("Press any key");
        string[][] commands =
        [
            ["run", "--clients", "3", "--messages", "30"],
            ["handshake", "--clients", "2", "--count", "4"],
            ["max", "--p99", "1s", "--clients", "2", "--duration", "1s"],
        ];
        foreach (string[] command in commands)
        {
            ProgramResult result =
                await LoadRun.RunAsync([command[0], "--server", server.Address, .. certificates.ClientOptions, .. command[1..]]);
            result.EndedWith(Exit.TlsRefused).WithError(Unanswered);
            Assert.DoesNotContain(result.Errors, l => l.Contains("certificate", StringComparison.Ordinal));
        }

        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.TlsRefused)
            .WithFinding("closed the connection in answer to the TLS greeting").WithOutput("limit of connections");
        await holder.TypeAsync(string.Empty);
        (await holder.ExitAsync()).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task Beyond_the_limit_of_a_server_without_TLS_nobody_is_told_that_it_wants_TLS()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            "--listen", "127.0.0.1:0", "--tls", "none", "--max-connections", "1");
        await using ProgramProcess holder = new(
            Programs.Client, ["--server", server.Address, "--tls", "none", "--clients", "1", "--messages", "10", "--wait"]);
        await holder.WaitForLineAsync("1 client connected. Press any key");
        // Nothing is sent before the key is pressed.
        ProgramResult result = await LoadRun.RunAsync(
            "--server", server.Address, "--tls", "none", "--clients", "1", "--messages", "10", "--wait");
        result.EndedWith(Exit.ServerClosed)
            .WithError("1 client: closed by the server.", "before it was sent anything", "limit of connections");
        await holder.TypeAsync(string.Empty);
        (await holder.ExitAsync()).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Theory]
    [InlineData("run", false)]
    [InlineData("run", true)]
    [InlineData("handshake", false)]
    [InlineData("handshake", true)]
    public async Task A_server_that_ends_the_connection_before_its_first_byte_has_seen_no_certificate(string command, bool reset)
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[16]);
            if (reset) RawClient.Reset(socket);
        });
        ProgramResult result = await RunAsync(command, server);
        result.EndedWith(Exit.TlsRefused).WithError(Unanswered);
        Assert.DoesNotContain(result.Errors, l => l.Contains("certificate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("handshake")]
    public async Task A_server_that_ends_the_connection_in_its_first_answer_has_refused_no_certificate(string command)
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[1 << 16]);
            // The head of a handshake record of 122 bytes, and the head of a ServerHello.
            await socket.SendAsync((byte[])[0x16, 3, 3, 0, 0x7a, 2, 0, 0, 0x76, 3, 3]);
            socket.Shutdown(SocketShutdown.Send);
            await TestServer.DiscardAsync(socket);
        });
        (await RunAsync(command, server))
            .EndedWith(Exit.TlsRefused).WithError("in the middle of the handshake", "before it was shown a certificate");
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.TlsRefused).WithFinding("cut the connection off in the middle of the handshake");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("handshake")]
    public async Task A_server_that_hangs_up_when_it_has_seen_the_certificate_has_probably_refused_it(string command)
    {
        System.Net.Security.SslServerAuthenticationOptions options = certificates.AsServer(SslProtocols.Tls12);
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = (_, _, _, _) => false;
        await using var server = TestServer.WithTls(options, (stream, _) => TestServer.EchoAsync(stream));
        (await RunAsync(command, server))
            .EndedWith(Exit.TlsRefused).WithError("probably refused this client's certificate", "Its log says which");
    }

    [Theory]
    [InlineData("run", "-tls1_2")]
    [InlineData("run", "-tls1_3")]
    [InlineData("handshake", "-tls1_2")]
    [InlineData("handshake", "-tls1_3")]
    public async Task A_refusal_by_an_alert_is_told_as_the_alert_says(string command, string version)
    {
        PemFiles foreign = certificates.WriteForeign(
            $"words-{command}{version}", new RawEcho.Testing.Leaf { Subject = "CN=foreign client" });
        await using OpenSslServer server = await OpenSslServer.StartAsync(
            certificates.Server, version, "-CAfile", certificates.Ca, "-Verify", "1");
        string[] one = command == "run" ? ["--messages", "1"] : ["--count", "1", "--sessions", "full"];
        ProgramResult result = await LoadRun.RunAsync(
            [command, "--server", $"127.0.0.1:{server.Port}", .. Certificates.Options(certificates.Ca, foreign), "--clients", "1", .. one]);
        result.EndedWith(Exit.TlsRefused).WithError("The peer does not trust the CA of this side's certificate.");
    }

    [Fact]
    public async Task A_record_that_cannot_be_decrypted_is_told_as_that_on_both_sides()
    {
        await using TestServer broken = TestServer.WithTls(certificates, async (_, socket) => await SendGarbageRecordAsync(socket));
        ProgramResult result = await LoadRun.RunAsync(broken.Address, certificates, "--clients", "1", "--messages", "5");
        result.WithError("The peer sent a record that cannot be decrypted.");

        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates))
        {
            await client.EchoAsync();
            await SendGarbageRecordAsync(client.Socket);
            await server.Process.WaitForLineAsync("ProtocolError. The peer sent a record that cannot be decrypted.");
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task Clients_that_reconnect_are_counted_once_and_their_attempts_apart()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "3", "--duration", "5m", "--reconnect", "--json");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        server.Process.Kill();
        // Three lost connections, and an attempt that failed at once and another one after a pause for at least one client.
        await client.WaitForLineAsync(l => FailuresIn(l) >= 10, "at least ten failures");
        client.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        ProgramResult result = await client.ExitAsync();

        JsonElement[] errors = [.. JsonDocument.Parse(Assert.Single(result.Output)).RootElement.GetProperty("errors").EnumerateArray()];
        JsonElement lost = errors.Single(e => e.GetProperty("kind").GetString() == "connection lost");
        JsonElement failed = errors.Single(e => e.GetProperty("kind").GetString() == "not connected");
        Assert.Equal((3, 3), (lost.GetProperty("clients").GetInt32(), lost.GetProperty("count").GetInt32()));
        (int clients, int attempts) = (failed.GetProperty("clients").GetInt32(), failed.GetProperty("count").GetInt32());
        Assert.Equal(3, clients);
        Assert.True(attempts >= 7, $"{attempts} attempts");
        result.WithError("rawecho-client: 3 clients: connection lost. ");
        result.WithError($"rawecho-client: 3 clients: not connected ({attempts} attempts). {server.Address} refused the connection");
    }

    private static int FailuresIn(string line)
    {
        const string label = " failures, ";
        int end = line.IndexOf(label, StringComparison.Ordinal);
        return end < 0 ? 0 : int.Parse(line[(line.LastIndexOf(' ', end - 1) + 1)..end], System.Globalization.CultureInfo.InvariantCulture);
    }

    // Application data of TLS 1.2 and 1.3, 64 bytes that no key ever made.
    private static async Task SendGarbageRecordAsync(Socket socket)
    {
        await socket.SendAsync((byte[])[0x17, 3, 3, 0, 0x40, .. RandomNumberGenerator.GetBytes(0x40)]);
        await TestServer.DiscardAsync(socket);
    }

    private Task<ProgramResult> RunAsync(string command, TestServer server)
    {
        string[] one = command == "run" ? ["--messages", "5"] : ["--count", "1", "--sessions", "full"];
        return LoadRun.RunAsync([command, "--server", server.Address, .. certificates.ClientOptions, "--clients", "1", .. one]);
    }
}
