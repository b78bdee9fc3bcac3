using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// Certificates that are refused: the client ends with exit code 5 and says what it knows or what is likely; the server, which
/// refused it, logs the exact reason.
/// </summary>
public sealed class RefusalTests(Certificates certificates)
{
    private const string ProbablyRefused = "probably refused this client's certificate";

    public enum BadClient
    {
        FromAnotherCa,
        Expired,
        NotYetValid,
        MadeForServers,
        WithoutPurpose,
        AuthorityItself,
    }

    [Theory]
    [InlineData(BadClient.FromAnotherCa, "not from a trusted CA", "CN=Foreign CA")]
    [InlineData(BadClient.Expired, "expired on", "CN=bad client")]
    [InlineData(BadClient.NotYetValid, "not valid before", "CN=bad client")]
    [InlineData(BadClient.MadeForServers, "clientAuth", "CN=bad client")]
    [InlineData(BadClient.WithoutPurpose, "no extended key usage", "CN=bad client")]
    [InlineData(BadClient.AuthorityItself, "is a CA certificate", "CN=bad client")]
    public async Task A_client_with_a_bad_certificate_is_refused_and_both_sides_say_so(BadClient kind, string reason, string detail)
    {
        PemFiles bad = Issue(kind);
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            ["--server", server.Address, .. Certificates.Options(certificates.Ca, bad), "--clients", "1", "--messages", "20"]);
        await server.Process.WaitForLineAsync("PeerCertificateRefused.");
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.TlsRefused).WithError("1 client: ", ProbablyRefused, "CA it does not trust", "expired", "clientAuth");
        report.WithOutput("Refused 127.0.0.1:", "PeerCertificateRefused.", reason, detail);
        report.WithOutput("Handshakes: 0 done, 1 failed").WithOutput("Endings: PeerCertificateRefused 1");
        Assert.Equal(0, report.Number("Bytes received"));
        Assert.Equal(0, report.Number("Bytes sent"));
    }

    [Fact]
    public async Task Many_clients_that_are_refused_at_once_all_end()
    {
        PemFiles bad = Issue(BadClient.FromAnotherCa);
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // At the first refusal the run is over, whatever the other clients are at: each time it is something else.
        for (int i = 0; i < 8; i++)
        {
            ProgramResult client = await LoadRun.RunAsync(
                ["--server", server.Address, .. Certificates.Options(certificates.Ca, bad), "--clients", "4", "--quiet"]);
            client.EndedWith(Exit.TlsRefused).WithError(ProbablyRefused);
        }

        ProgramResult report = await server.StopAsync();
        report.WithOutput("Handshakes: 0 done, ");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_foreign_server_that_refuses_the_client_is_understood_as_that(SslProtocols protocol)
    {
        PemFiles foreign = certificates.WriteForeign($"foreign-client-{protocol}", new Leaf { Subject = "CN=foreign client" });
        await using var server = TestServer.WithTls(certificates, (stream, _) => TestServer.EchoAsync(stream), protocol);
        ProgramResult client = await LoadRun.RunAsync(
            ["--server", server.Address, .. Certificates.Options(certificates.Ca, foreign), "--clients", "1", "--messages", "5"]);
        client.EndedWith(Exit.TlsRefused).WithError("refused");
        Assert.Contains("certificate", client.Errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_told_to_show_one()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            "--server", server.Address, "--tls", "server", "--ca", certificates.Ca, "--clients", "1", "--messages", "5");
        await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        ProgramResult report = await server.StopAsync();
        client.EndedWith(Exit.TlsRefused).WithError("requires a client certificate", "--cert", "--key");
        report.WithOutput("Refused 127.0.0.1:", "PeerCertificateRefused. It showed no certificate.");
    }

    [Fact]
    public async Task A_bad_client_does_not_disturb_good_ones()
    {
        PemFiles bad = Issue(BadClient.FromAnotherCa);
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess good = LoadRun.Start(server.Address, certificates, "--clients", "2", "--messages", "200", "--wait");
        await good.WaitForLineAsync("Press any key");
        (await LoadRun.RunAsync(["--server", server.Address, .. Certificates.Options(certificates.Ca, bad), "--clients", "3"]))
            .EndedWith(Exit.TlsRefused);
        await good.TypeAsync(string.Empty);
        ProgramResult result = await good.ExitAsync();
        result.EndedWith(Exit.Success);
        Assert.Equal(200, result.Number("Round trips"));
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_of_another_CA_is_refused()
    {
        PemFiles foreign = certificates.WriteForeign("foreign-server", new Leaf { Subject = "CN=foreign server" });
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, foreign)]);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "20");
        // Under TLS 1.3 the handshake is over for the server before the client has looked at its certificate.
        await server.Process.WaitForLineAsync(
            l => l.Contains("Lost 127.0.0.1:", StringComparison.Ordinal) || l.Contains("Refused 127.0.0.1:", StringComparison.Ordinal),
            "that a client has gone");
        ProgramResult report = await server.StopAsync();
        client.EndedWith(Exit.TlsRefused)
            .WithError("1 client: ", "The server's certificate was refused", "not from a trusted CA", "CN=Foreign CA");
        Assert.Equal(0, report.Number("Bytes received"));
    }

    [Fact]
    public async Task A_server_of_another_name_is_refused_and_both_names_are_said()
    {
        PemFiles other = certificates.Write(
            "other-name", new Leaf { Subject = "CN=localhost", DnsNames = ["echo.example"], IpAddresses = ["192.0.2.7"] });
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, other)]);
        ProgramResult byAddress = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        byAddress.EndedWith(Exit.TlsRefused).WithError("not for '127.0.0.1' but for echo.example, 192.0.2.7");
        ProgramResult byName = await LoadRun.RunAsync(
            $"localhost:{server.EndPoint.Port}", certificates, "--clients", "1", "--messages", "5");
        byName.EndedWith(Exit.TlsRefused).WithError("not for 'localhost' but for echo.example, 192.0.2.7");
        ProgramResult asNamed = await LoadRun.RunAsync(
            server.Address, certificates, "--server-name", "echo.example", "--clients", "1", "--messages", "5");
        asNamed.EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Theory]
    [InlineData(-48, -24, "expired on")]
    [InlineData(24, 48, "not valid before")]
    public async Task A_server_that_is_out_of_date_is_refused(int fromHours, int toHours, string why)
    {
        PemFiles outdated = certificates.Write($"outdated-{toHours}", new Leaf
        {
            Subject = "CN=old server",
            NotBefore = TimeSpan.FromHours(fromHours),
            NotAfter = TimeSpan.FromHours(toHours),
        });
        await using var server = TestServer.WithTls(certificates.AsServer(show: outdated), (stream, _) => TestServer.EchoAsync(stream));
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        client.EndedWith(Exit.TlsRefused).WithError("The server's certificate was refused", why, "CN=old server");
    }

    [Fact]
    public async Task A_server_with_a_certificate_for_clients_is_refused()
    {
        PemFiles clientOnly = certificates.Write("clients-only", new Leaf { Subject = "CN=clients only", Purposes = [TestPki.ClientAuth] });
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, clientOnly)]);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        client.EndedWith(Exit.TlsRefused).WithError("The server's certificate was refused", "CN=clients only", "serverAuth");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_is_found_out()
    {
        await using var server = new TestServer(socket => TestServer.EchoAsync(new NetworkStream(socket)));
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.TlsRefused).WithError("TLS");
    }

    [Fact]
    public async Task A_web_server_is_found_out()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[10]);
            await socket.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.TlsRefused).WithError("TLS");
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_at_the_handshake_timeout()
    {
        await using var server = new TestServer(TestServer.DiscardAsync);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "20", "--handshake-timeout", "500ms");
        client.EndedWith(Exit.TlsRefused).WithError("did not complete the handshake in time", "0.5 s");
    }

    [Fact]
    public async Task A_server_that_hangs_up_in_the_handshake_has_probably_refused()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[1 << 16]);
            socket.Shutdown(SocketShutdown.Send);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        client.EndedWith(Exit.TlsRefused).WithError("in the middle of the handshake", "does not speak TLS");
    }

    [Fact]
    public async Task A_server_that_resets_in_the_handshake_has_probably_refused()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[10]);
            RawClient.Reset(socket);
        });
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        client.EndedWith(Exit.TlsRefused).WithError("reset the connection in the middle of the handshake");
    }

    [Fact]
    public async Task A_client_with_TLS_finds_out_a_server_without()
    {
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none");
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "20", "--handshake-timeout", "5s");
        client.EndedWith(Exit.TlsRefused).WithError("TLS");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_client_without_TLS_is_refused_by_a_server_with_it()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            "--server", server.Address, "--tls", "none", "--clients", "1", "--size", "100", "--messages", "5");
        await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        ProgramResult report = await server.StopAsync();
        Assert.NotEqual(Exit.Success, client.ExitCode);
        Assert.Equal(0, client.Number("Round trips"));
        report.WithOutput("Refused 127.0.0.1:", "HandshakeFailed.", "The peer does not speak TLS.");
    }

    private PemFiles Issue(BadClient kind)
    {
        var good = new Leaf { Subject = "CN=bad client" };
        return kind switch
        {
            BadClient.FromAnotherCa => certificates.WriteForeign($"{kind}", good),
            BadClient.Expired => certificates.Write(
                $"{kind}", good with { NotBefore = TimeSpan.FromDays(-2), NotAfter = TimeSpan.FromDays(-1) }),
            BadClient.NotYetValid => certificates.Write($"{kind}", good with { NotBefore = TimeSpan.FromDays(1) }),
            BadClient.MadeForServers => certificates.Write($"{kind}", good with { Purposes = [TestPki.ServerAuth] }),
            BadClient.WithoutPurpose => certificates.Write($"{kind}", good with { Purposes = null }),
            BadClient.AuthorityItself => certificates.Write($"{kind}", good with { IsAuthority = true }),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }
}
