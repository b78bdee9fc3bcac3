using System.Globalization;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>openssl s_client and s_server: a TLS of another maker on the other side.</summary>
public sealed class OpenSslTests(Certificates certificates)
{
    [Theory]
    [InlineData("-tls1_2", "Tls12", "TLS_ECDHE_ECDSA_WITH_")]
    [InlineData("-tls1_3", "Tls13", "TLS_AES_")]
    public async Task S_client_gets_back_what_is_typed(string version, string protocol, string suite)
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        await using ProgramProcess openssl = StartClient(server, [version, .. Identity(certificates.Client)]);
        string[] typed = ["hello", "a second line", new string('x', 3000)];
        foreach (string line in typed)
        {
            await openssl.TypeAsync(line);
            await openssl.WaitForLineAsync(l => l == line, $"the echo of {line.Length} characters");
        }

        openssl.CloseInput();
        (await openssl.ExitAsync()).EndedWith(0);
        await server.WaitForEndingsAsync("PeerClosed.", 1);
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"SslProtocol: {protocol}")
            .WithOutput($"CipherSuite: {suite}").WithOutput("RemoteCertificate.Subject: CN=test client");
        Assert.Equal(typed.Sum(l => l.Length + 1), report.Number("Bytes sent"));
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task S_client_without_a_certificate_is_refused_and_the_log_says_why(string version)
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess openssl = StartClient(server, [version]);
        await server.Process.WaitForLineAsync("PeerCertificateRefused. It showed no certificate.");
        await openssl.ExitAsync();
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Refused 127.0.0.1:", "PeerCertificateRefused. It showed no certificate.");
        report.WithOutput("Handshakes: 0 done, 1 failed").WithOutput("Endings: PeerCertificateRefused 1");
        Assert.Equal(0, report.Number("Bytes received"));
    }

    [Fact]
    public async Task S_client_of_TLS_1_2_is_refused_where_TLS_1_3_is_the_oldest()
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--tls-min", "1.3");
        await using ProgramProcess openssl = StartClient(server, ["-tls1_2", .. Identity(certificates.Client)]);
        Assert.NotEqual(0, (await openssl.ExitAsync()).ExitCode);
        await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Refused 127.0.0.1:", "HandshakeFailed.", "TLS version");
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task S_client_of_an_older_TLS_is_refused(string version)
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // Security level 0, without which openssl itself would not offer such a version.
        await using ProgramProcess openssl = StartClient(
            server, [version, "-cipher", "DEFAULT:@SECLEVEL=0", .. Identity(certificates.Client)]);
        ProgramResult result = await openssl.ExitAsync();
        Assert.SkipWhen(
            result.Errors.Any(l => l.Contains("Unknown option", StringComparison.OrdinalIgnoreCase)),
            $"This openssl was built without {version}.");
        Assert.NotEqual(0, result.ExitCode);
        await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Refused 127.0.0.1:", "HandshakeFailed.", "TLS version");
    }

    [Theory]
    [InlineData("-tls1_2", "Tls12")]
    [InlineData("-tls1_3", "Tls13")]
    public async Task S_server_that_turns_lines_around_is_found_out(string version, string protocol)
    {
        await Requires.OpenSslAsync();
        // -rev echoes each line backwards: a whole TLS server, but no echo server.
        await using var server = new ProgramProcess(Programs.OpenSsl!,
        [
            "s_server", "-accept", "127.0.0.1:0", version, "-rev", "-naccept", "1", "-Verify", "1", "-verify_return_error",
            "-CAfile", certificates.Ca, "-cert", certificates.Server.Certificate, "-key", certificates.Server.Key,
        ]);
        string line = await server.WaitForLineAsync(
            l => l.StartsWith("ACCEPT 127.0.0.1:", StringComparison.Ordinal), "ACCEPT and its address");
        await using ProgramProcess client = LoadRun.Start(
            line["ACCEPT ".Length..].Trim(), certificates, "--clients", "1", "--size", "1000", "--messages", "1", "--echo-timeout", "2s",
            "--verbose");
        ProgramResult result = await client.ExitAsync();
        result.WithOutput($"SslProtocol: {protocol}").WithOutput("IsMutuallyAuthenticated: True").WithOutput("Round trips: 0");
        Assert.Contains(result.ExitCode, new[] { Exit.Mismatch, Exit.ConnectionLost });
    }

    private static string[] Identity(PemFiles pem) => ["-cert", pem.Certificate, "-key", pem.Key];

    // -quiet stays when its input ends; -no_ign_eof takes that back: close_notify, and the end.
    private ProgramProcess StartClient(RunningServer server, string[] more) => new(Programs.OpenSsl!,
    [
        "s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.EndPoint.Port}"),
        "-CAfile", certificates.Ca, "-verify_return_error", "-quiet", "-no_ign_eof", .. more,
    ]);
}
