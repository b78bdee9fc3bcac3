using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The three levels of TLS, its versions, and the forms that an identity may come in.</summary>
public sealed class TlsLevelTests(Certificates certificates)
{
    [Fact]
    public async Task Level_server_needs_no_certificate_of_the_client()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            "--listen", "127.0.0.1:0", "--tls", "server", "--cert", certificates.Server.Certificate, "--key", certificates.Server.Key);
        ProgramResult client = await LoadRun.RunAsync(
            "--server", server.Address, "--tls", "server", "--ca", certificates.Ca, "--clients", "3", "--messages", "30", "--verbose");
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success).WithOutput("IsMutuallyAuthenticated: False").WithOutput("LocalCertificate: none");
        client.WithOutput($"RemoteCertificate.Thumbprint: {certificates.ServerThumbprint}");
        report.WithOutput("RemoteCertificate: none").WithOutput("IsMutuallyAuthenticated: False").WithOutput("no client certificate");
    }

    [Fact]
    public async Task Level_none_works_and_warns_loudly()
    {
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none");
        ProgramResult client = await LoadRun.RunAsync("--server", server.Address, "--tls", "none", "--clients", "3", "--messages", "30");
        ProgramResult report = await server.StopAsync();

        const string warning = "WARNING: --tls none: nothing is encrypted and nobody is authenticated.";
        client.EndedWith(Exit.Success).WithError(warning);
        Assert.Equal(0, client.Number("Mismatches"));
        report.WithOutput(warning).WithOutput("accepted without TLS").WithOutput("Handshakes: 0 done, 0 failed");
        Assert.Equal(client.Number("Bytes sent"), report.Number("Bytes received"));
    }

    [Fact]
    public async Task Level_none_says_that_certificates_are_not_used()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--tls", "none");
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--tls", "none", "--clients", "1", "--messages", "10");
        ProgramResult report = await server.StopAsync();

        const string note = "--ca, --cert and --key are not used with --tls none.";
        client.EndedWith(Exit.Success).WithError(note);
        report.WithOutput(note);
    }

    [Fact]
    public async Task Both_sides_may_insist_on_TLS_1_3()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--tls-min", "1.3");
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--tls-min", "1.3", "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success).WithOutput("Negotiated: Tls13, TLS_");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_of_TLS_1_2_is_talked_to_in_TLS_1_2()
    {
        await using var server = TestServer.WithTls(
            certificates, (stream, _) => TestServer.EchoAsync(stream), System.Security.Authentication.SslProtocols.Tls12);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success).WithOutput("Negotiated: Tls12, TLS_ECDHE_ECDSA_WITH_");
    }

    [Fact]
    public async Task A_client_that_insists_on_TLS_1_3_refuses_a_server_of_TLS_1_2()
    {
        await using var server = TestServer.WithTls(
            certificates, (stream, _) => TestServer.EchoAsync(stream), System.Security.Authentication.SslProtocols.Tls12);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--tls-min", "1.3", "--clients", "1", "--messages", "10");
        client.EndedWith(Exit.TlsRefused).WithError("TLS version");
    }

    [Fact]
    public async Task A_PFX_file_opens_with_a_password_from_the_environment()
    {
        string pfx = certificates.WritePfx("server-env.pfx", certificates.Server);
        var environment = new Dictionary<string, string> { ["PFX_PASSWORD"] = Certificates.Password };
        await using RunningServer server = await RunningServer.OfAsync(new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--ca", certificates.Ca, "--cert", pfx, "--password-env", "PFX_PASSWORD"],
            environment));
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "10")).EndedWith(Exit.Success);
        ProgramResult report = await server.StopAsync();
        Assert.DoesNotContain(report.Output, l => l.Contains(Certificates.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_PFX_file_opens_with_a_password_from_the_first_line_of_a_file()
    {
        string pfx = certificates.WritePfx("client-file.pfx", certificates.Client);
        string password = certificates.Folder.Write("password.txt", $"{Certificates.Password}\r\nand a second line\n");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            "--server", server.Address, "--ca", certificates.Ca, "--cert", pfx, "--password-file", password, "--clients", "1",
            "--messages", "10", "--verbose");
        client.EndedWith(Exit.Success).WithOutput($"LocalCertificate.Thumbprint: {certificates.ClientThumbprint}");
        await server.StopAsync();
    }

    [Fact]
    public async Task An_encrypted_key_opens_with_its_password()
    {
        PemFiles encrypted = certificates.WriteEncrypted("server-encrypted-key.pem", certificates.Server);
        string password = certificates.Folder.Write("key-password.txt", Certificates.Password);
        await using RunningServer server = await RunningServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, encrypted), "--password-file", password]);
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "10")).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task Certificate_and_key_may_lie_in_one_file()
    {
        string both = certificates.Folder.Write(
            "server-and-key.pem", File.ReadAllText(certificates.Server.Certificate) + "\n" + File.ReadAllText(certificates.Server.Key));
        await using RunningServer server = await RunningServer.StartAsync(
            "--listen", "127.0.0.1:0", "--ca", certificates.Ca, "--cert", both);
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "10")).EndedWith(Exit.Success);
        await server.StopAsync();
    }
}
