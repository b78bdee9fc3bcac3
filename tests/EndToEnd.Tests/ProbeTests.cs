using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>probe where the handshake is completed: what it reports, as text and as JSON.</summary>
public sealed class ProbeTests(Certificates certificates)
{
    [Fact]
    public async Task A_good_server_is_described_and_nothing_is_wrong()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult probe = await ProbeRun.RunAsync($"localhost:{server.EndPoint.Port}", certificates);
        probe.EndedWith(Exit.Success).WithOutput("Mutual TLS works");
        Assert.Empty(probe.Errors);
        Assert.Equal(0, probe.Count("ERROR") + probe.Count("WARNING") + probe.Count("\u001b"));
        probe.WithFact("Addresses", $"127.0.0.1:{server.EndPoint.Port}", "connected in ").WithOutput("[::1]:", "not tried");
        probe.WithFact("Handshake", "TLS 1.3, TLS_AES_", "complete in ").WithFact("Resumption", "yes");
        probe.WithFact("subject", "CN=test server").WithFact("names", "localhost, 127.0.0.1, ::1").WithFact("purpose", "TLS server");
        probe.WithFact("key", "ECDSA P-256").WithFact("verified", "yes", "CN=Test CA", "'localhost'");
        probe.WithFact("sent", "CN=test client").WithFact("accepted", "yes").WithFact("Echo", "64 bytes in ");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Handshakes: 3 done, 0 failed");
    }

    [Fact]
    public async Task Text_and_JSON_tell_the_same()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult text = await ProbeRun.RunAsync(server.Address, certificates);
        JsonElement json = await ProbeRun.RunForJsonAsync(["--server", server.Address, .. certificates.ClientOptions]);
        await server.StopAsync();

        Assert.Equal("ok", json.GetProperty("outcome").GetString());
        Assert.Empty(json.GetProperty("findings").EnumerateArray());
        JsonElement handshake = json.GetProperty("handshake"), leaf = json.GetProperty("server").GetProperty("certificates")[0],
            client = json.GetProperty("client");
        text.WithFact("Handshake", handshake.GetProperty("protocol").GetString()!, handshake.GetProperty("cipherSuite").GetString()!);
        text.WithFact("Resumption", "not tried", handshake.GetProperty("resumption").GetProperty("detail").GetString()!);
        text.WithFact("SHA-256", leaf.GetProperty("sha256").GetString()!)
            .WithFact("valid", $"{leaf.GetProperty("daysLeft").GetInt32()} days left");
        text.WithFact("sent", client.GetProperty("certificate").GetProperty("subject").GetString()!);
        Assert.Equal("yes", client.GetProperty("accepted").GetString());
        Assert.Equal("matched", json.GetProperty("echo").GetProperty("result").GetString());
    }

    [Theory]
    [InlineData("-tls1_2", "TLS 1.2")]
    [InlineData("-tls1_3", "TLS 1.3")]
    public async Task The_CAs_that_a_foreign_server_accepts_are_told(string version, string name)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(
            certificates.Server, version, "-CAfile", certificates.Ca, "-Verify", "4");
        JsonElement report = await ProbeRun.RunForJsonAsync(["--server", $"localhost:{server.Port}", .. certificates.ClientOptions]);
        Assert.Equal(name, report.GetProperty("handshake").GetProperty("protocol").GetString());
        JsonElement client = report.GetProperty("client");
        Assert.True(client.GetProperty("asked").GetBoolean());
        Assert.True(client.GetProperty("sent").GetBoolean());
        Assert.Equal("CN=Test CA", Assert.Single(client.GetProperty("acceptableAuthorities").EnumerateArray()).GetString());
        // The line came back, and reversed: the certificate was accepted, and it is no echo server.
        Assert.Equal("yes", client.GetProperty("accepted").GetString());
        Assert.Equal("echo-differs", report.GetProperty("outcome").GetString());
        Assert.Equal(Exit.Mismatch, report.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task A_server_that_asks_for_no_certificate_is_not_taken_for_mutual()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--tls", "server");
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.Success).WithOutput("WARNING: ", "did not ask for a client certificate", "not mutual TLS")
            .WithFact("asked for", "no").WithFact("accepted", "not asked");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_a_warning()
    {
        PemFiles ending = certificates.Write("ending", new Leaf { Subject = "CN=ending", NotAfter = TimeSpan.FromHours(60) });
        await using var server = TestServer.WithTls(certificates.AsServer(show: ending), (stream, _) => TestServer.EchoAsync(stream));
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.Success).WithOutput("WARNING: ", "ends in 2 days");
    }

    [Fact]
    public async Task Without_TLS_the_echo_alone_is_reported()
    {
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none");
        JsonElement report = await ProbeRun.RunForJsonAsync("--server", server.Address, "--tls", "none");
        Assert.Equal("ok", report.GetProperty("outcome").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("handshake").ValueKind);
        Assert.Equal("matched", report.GetProperty("echo").GetProperty("result").GetString());
        await server.StopAsync();
    }

    [Fact]
    public async Task An_echo_that_does_not_come_leaves_open_what_the_server_thinks()
    {
        await using var server = TestServer.WithTls(certificates, (_, socket) => TestServer.DiscardAsync(socket));
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates, "--echo-timeout", "300ms");
        probe.EndedWith(Exit.ConnectionLost).WithFinding("No echo came", "0.3 s").WithFact("accepted", "unknown");
    }

    [Fact]
    public async Task A_name_in_a_certificate_cannot_steer_the_terminal()
    {
        PemFiles evil = certificates.Write("evil", new Leaf { Subject = "CN=\"evil \u001b[2J\u202e server\"" });
        await using var server = TestServer.WithTls(certificates.AsServer(show: evil), (stream, _) => TestServer.EchoAsync(stream));
        ProgramResult probe = await ProbeRun.RunAsync(server.Address, certificates);
        probe.EndedWith(Exit.Success).WithFact("subject", "evil ?[2J? server");
        Assert.Equal(0, probe.Count("\u001b") + probe.Count("\u202e"));
    }

    [Theory]
    [InlineData("TERM=xterm LANG=C.UTF-8", true, true)]
    [InlineData("TERM=xterm LANG=C LC_ALL=", true, false)]
    [InlineData("TERM=xterm LANG=C.UTF-8 NO_COLOR=1", false, true)]
    [InlineData("TERM=dumb LANG=C.UTF-8", false, false)]
    public async Task Colours_and_marks_are_for_terminals_that_show_them(string environment, bool colours, bool marks)
    {
        await Requires.PythonAsync();
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pseudo terminals of this kind.");
        await using var server = new TestServer(TestServer.DiscardAsync);
        const string onTerminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        string[] probe =
            [Programs.Client, "probe", "--server", server.Address, "--handshake-timeout", "300ms", .. certificates.ClientOptions];
        var variables = environment.Split(' ').Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        // Python would make UTF-8 of the C locale for its children too.
        variables["PYTHONCOERCECLOCALE"] = "0";
        await using var terminal = new ProgramProcess(Programs.Python!, ["-c", onTerminal, .. probe], variables);
        ProgramResult result = await terminal.ExitAsync();
        result.EndedWith(Exit.TlsRefused).WithOutput("said nothing for 0.3 s");
        Assert.Equal(colours, result.Count("\u001b[31m") > 0);
        Assert.Equal(marks, result.Count("\u2717 The server") > 0);
        Assert.Equal(!marks, result.Count("ERROR: The server") > 0);
    }

    [Fact]
    public async Task A_certificate_file_that_is_missing_is_one_sentence()
    {
        ProgramResult probe = await ProbeRun.RunAsync("--server", "localhost:1", "--ca", certificates.Ca, "--cert", "/no/such.pem");
        probe.EndedWith(Exit.Certificate).WithOneSentence("/no/such.pem", "no such file");
    }
}
