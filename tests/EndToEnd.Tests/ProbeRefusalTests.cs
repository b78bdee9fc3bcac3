using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>probe where something is wrong: each refusal in words, with its exit code, against servers of another make.</summary>
public sealed class ProbeRefusalTests(Certificates certificates)
{
    private static readonly Leaf Good = new() { Subject = "CN=bad server" };

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task An_unknown_CA(string version)
    {
        PemFiles foreign = certificates.WriteForeign($"probe-foreign{version}", Good);
        ProgramResult probe = await ProbeServerAsync(foreign, version);
        probe.EndedWith(Exit.TlsRefused)
            .WithFinding("not from a trusted CA", "CN=Foreign CA").WithOutput("Trusted here (--ca): CN=Test CA");
        // The chain is shown all the same.
        probe.WithFact("subject", "CN=bad server")
            .WithFact("issuer", "CN=Foreign CA").WithFact("verified", "no").WithFact("Handshake", "refused");
    }

    [Fact]
    public async Task Expired()
    {
        PemFiles expired = certificates.Write(
            "probe-expired", Good with { NotBefore = TimeSpan.FromDays(-2), NotAfter = TimeSpan.FromDays(-1) });
        ProgramResult probe = await ProbeServerAsync(expired);
        probe.EndedWith(Exit.TlsRefused).WithFinding("CN=bad server", "expired on").WithFact("valid", "EXPIRED");
    }

    [Fact]
    public async Task Not_yet_valid()
    {
        PemFiles early = certificates.Write("probe-early", Good with { NotBefore = TimeSpan.FromDays(1) });
        ProgramResult probe = await ProbeServerAsync(early);
        probe.EndedWith(Exit.TlsRefused).WithFinding("CN=bad server", "not valid before").WithFact("valid", "NOT YET VALID");
    }

    [Fact]
    public async Task A_wrong_name()
    {
        PemFiles other = certificates.Write("probe-other", Good with { DnsNames = ["echo.example"], IpAddresses = [] });
        ProgramResult probe = await ProbeServerAsync(other);
        probe.EndedWith(Exit.TlsRefused).WithFinding("not for 'localhost' but for echo.example").WithOutput("--server-name");
    }

    [Fact]
    public async Task A_wrong_purpose()
    {
        PemFiles clients = certificates.Write("probe-clients", Good with { Purposes = [TestPki.ClientAuth] });
        ProgramResult probe = await ProbeServerAsync(clients);
        probe.EndedWith(Exit.TlsRefused).WithFinding("not made for a server").WithFact("purpose", "TLS client").WithOutput("serverAuth");
    }

    [Fact]
    public async Task Everything_wrong_at_once_is_told_at_once()
    {
        PemFiles bad = certificates.WriteForeign("probe-all", Good with
        {
            NotBefore = TimeSpan.FromDays(-2),
            NotAfter = TimeSpan.FromDays(-1),
            DnsNames = ["echo.example"],
            IpAddresses = [],
        });
        await using OpenSslServer server = await OpenSslServer.StartAsync(bad);
        JsonElement report = await ProbeRun.RunForJsonAsync(["--server", $"localhost:{server.Port}", .. certificates.ClientOptions]);
        Assert.Equal(Exit.TlsRefused, report.GetProperty("exitCode").GetInt32());
        Assert.Equal(
            ["server-certificate-expired", "server-certificate-name-mismatch", "server-certificate-untrusted-issuer"],
            report.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()).Order());
        Assert.False(report.GetProperty("server").GetProperty("verified").GetBoolean());
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task No_client_certificate(string version)
    {
        await using OpenSslServer server = await StartDemandingAsync(version);
        ProgramResult probe = await ProbeRun.RunAsync("--server", $"localhost:{server.Port}", "--tls", "server", "--ca", certificates.Ca);
        probe.EndedWith(Exit.TlsRefused)
            .WithFinding("requires a client certificate, and none was shown").WithOutput("--cert", "--key", "CN=Test CA");
        probe.WithFact("verified", "yes").WithFact("accepted", "no");
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_certificate_that_is_refused(string version)
    {
        PemFiles foreign = certificates.WriteForeign($"probe-client{version}", new Leaf { Subject = "CN=foreign client" });
        await using OpenSslServer server = await StartDemandingAsync(version);
        ProgramResult probe =
            await ProbeRun.RunAsync(["--server", $"localhost:{server.Port}", .. Certificates.Options(certificates.Ca, foreign)]);
        probe.EndedWith(Exit.TlsRefused)
            .WithFinding("refused the client's certificate", "unknown_ca").WithFinding("signed by CN=Foreign CA", "did not name that CA");
        probe.WithFact("verified", "yes")
            .WithFact("asked for", "CN=Test CA").WithFact("sent", "CN=foreign client").WithFact("accepted", "no");
    }

    [Fact]
    public async Task A_refusal_without_an_alert_is_guessed_and_the_likely_reason_told()
    {
        PemFiles expired = certificates.Write(
            "probe-old-client",
            new Leaf { Subject = "CN=old client", NotBefore = TimeSpan.FromDays(-2), NotAfter = TimeSpan.FromDays(-1) });
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult probe = await ProbeRun.RunAsync(["--server", server.Address, .. Certificates.Options(certificates.Ca, expired)]);
        probe.EndedWith(Exit.TlsRefused)
            .WithFinding("probably refused it").WithFinding("CN=old client", "expired on").WithFact("accepted", "probably not");
        await server.StopAsync();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "a web server", "HTTP/1.1 400 Bad Request")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", "an SSH server", "SSH-2.0-OpenSSH_9.2p1")]
    [InlineData("220 mail.example ESMTP\r\n", "a mail server", "220 mail.example ESMTP")]
    [InlineData("hello there\r\n", "does not speak TLS", "hello there")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005\u0006", "does not speak TLS", "010203040506")]
    public async Task Not_TLS(string words, string looks, string quote)
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(words));
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.TlsRefused).WithFinding("does not speak TLS", looks, quote);
    }

    [Fact]
    public async Task An_echo_server_without_TLS()
    {
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none");
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.TlsRefused).WithFinding("does not speak TLS", "an echo server").WithOutput("--tls none");
        await server.StopAsync();
    }

    [Fact]
    public async Task TLS_where_none_was_asked_for()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(certificates.Server);
        ProgramResult probe = await ProbeRun.RunAsync("--server", $"localhost:{server.Port}", "--tls", "none");
        probe.EndedWith(Exit.TlsRefused).WithFinding("closed the connection at the first message").WithOutput("probably wants TLS");
    }

    [Fact]
    public async Task A_TLS_alert_where_none_was_asked_for()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[100]);
            // A fatal alert: unexpected_message.
            await socket.SendAsync((byte[])[21, 3, 3, 0, 2, 2, 10]);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult probe = await ProbeRun.RunAsync("--server", server.Address, "--tls", "none");
        probe.EndedWith(Exit.TlsRefused).WithFinding("answered with a TLS alert");
    }

    [Fact]
    public async Task A_server_that_chooses_TLS_1_1()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[1 << 14]);
            // A ServerHello of TLS 1.1 with 32 random bytes, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
            await socket.SendAsync((byte[])[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, .. Enumerable.Repeat((byte)7, 32), 0, 0, 0x2f, 0]);
            await TestServer.DiscardAsync(socket);
        });
        JsonElement report = await ProbeRun.RunForJsonAsync(["--server", server.Address, .. certificates.ClientOptions]);
        Assert.Equal("protocol-too-old", report.GetProperty("outcome").GetString());
        Assert.Equal("TLS 1.1", report.GetProperty("handshake").GetProperty("protocol").GetString());
        Assert.Contains("chose TLS 1.1", report.GetProperty("findings")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_1", "1.2", "RFC 8996")]
    [InlineData("-tls1_2", "1.3", "--tls-min 1.2")]
    public async Task A_protocol_that_is_too_old(string version, string minimum, string advice)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(certificates.Server, version, "-cipher", "ALL:@SECLEVEL=0");
        ProgramResult probe = await ProbeRun.RunAsync($"localhost:{server.Port}", certificates, "--tls-min", minimum);
        probe.EndedWith(Exit.TlsRefused).WithFinding("none of the TLS versions").WithOutput(advice);
    }

    [Fact]
    public async Task Unreachable()
    {
        int port;
        using (var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        }

        JsonElement report = await ProbeRun.RunForJsonAsync(["--server", $"127.0.0.1:{port}", .. certificates.ClientOptions]);
        Assert.Equal("connection-refused", report.GetProperty("outcome").GetString());
        Assert.Equal(Exit.Network, report.GetProperty("exitCode").GetInt32());
        Assert.Equal("failed", Assert.Single(report.GetProperty("addresses").EnumerateArray()).GetProperty("result").GetString());
        ProgramResult text = await ProbeRun.RunAsync($"127.0.0.1:{port}", certificates);
        text.EndedWith(Exit.Network).WithFinding("nothing listens there");
    }

    [Fact]
    public async Task A_name_that_nobody_knows()
    {
        ProgramResult probe = await ProbeRun.RunAsync("no-such-host.invalid:7443", certificates);
        probe.EndedWith(Exit.Network).WithFinding("no-such-host.invalid", "cannot be looked up");
    }

    [Fact]
    public async Task Silent()
    {
        await using var server = new TestServer(TestServer.DiscardAsync);
        JsonElement report =
            await ProbeRun.RunForJsonAsync(["--server", server.Address, "--handshake-timeout", "400ms", .. certificates.ClientOptions]);
        Assert.Equal("silent", report.GetProperty("outcome").GetString());
        Assert.Equal(Exit.TlsRefused, report.GetProperty("exitCode").GetInt32());
        Assert.Contains(
            "said nothing for 0.4 s", report.GetProperty("findings")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_hangs_up_without_a_word(bool reset)
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[10]);
            if (reset) RawClient.Reset(socket);
            else socket.Shutdown(SocketShutdown.Send);
            if (!reset) await TestServer.DiscardAsync(socket);
        });
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.TlsRefused).WithFinding("closed the connection in answer to the TLS greeting");
    }

    [Fact]
    public async Task A_server_that_stops_half_way()
    {
        await using var server = new TestServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[10]);
            // The head of a handshake record of 100 bytes, and no more.
            await socket.SendAsync((byte[])[22, 3, 3, 0, 100, 2]);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates, "--handshake-timeout", "400ms");
        probe.EndedWith(Exit.TlsRefused).WithFinding("began the handshake and did not complete it");
    }

    private async Task<ProgramResult> ProbeServerAsync(PemFiles show, params string[] more)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(show, more);
        return await ProbeRun.RunAsync($"localhost:{server.Port}", certificates);
    }

    private Task<OpenSslServer> StartDemandingAsync(string version) =>
        OpenSslServer.StartAsync(certificates.Server, version, "-CAfile", certificates.Ca, "-Verify", "4");
}
