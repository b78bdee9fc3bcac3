using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What is said about connections: enough by default, everything with --verbose, nothing with --quiet.</summary>
public sealed class DescriptionTests(Certificates certificates)
{
    private static readonly string[] Facts =
    [
        "CipherSuite: ", "CipherAlgorithm: ", "CipherStrength: ", "HashAlgorithm: ", "IsAuthenticated: True", "IsEncrypted: True",
        "IsMutuallyAuthenticated: True", "IsSigned: True", "SslProtocol: Tls13",
    ];

    [Fact]
    public async Task The_server_describes_the_first_connection_in_full_and_the_client_in_a_line()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "5", "--messages", "50");
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        foreach (string fact in Facts)
        {
            Assert.Equal(1, report.Count(fact));
            Assert.Equal(0, client.Count(fact));
        }

        AssertCertificate(report, "RemoteCertificate", "CN=test client", certificates.ClientThumbprint);
        AssertCertificate(report, "LocalCertificate", "CN=test server", certificates.ServerThumbprint);
        report.WithOutput("IsServer: True");
        client.WithOutput("Connected 127.0.0.1:", $" to server {server.Address}").WithOutput("5 clients connected.");
        string line = Assert.Single(client.Output, l => l.Contains("Tls13", StringComparison.Ordinal));
        Assert.Matches("^Negotiated: Tls13, TLS_[A-Z0-9_]+, server CN=test server$", line);

        Assert.Equal(5, report.Count("Client connection 127.0.0.1:"));
        Assert.Equal(4, report.Count(" accepted (Tls13, CN=test client). "));
        Assert.Equal(0, report.Count("Closed 127.0.0.1:"));
    }

    [Fact]
    public async Task A_client_with_another_certificate_is_described_in_full_too()
    {
        PemFiles other = certificates.Write("other-client", new Leaf { Subject = "CN=other client" });
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "2")).EndedWith(Exit.Success);
        string[] options =
            ["--server", server.Address, .. Certificates.Options(certificates.Ca, other), "--clients", "2", "--messages", "2"];
        (await LoadRun.RunAsync(options)).EndedWith(Exit.Success);
        ProgramResult report = await server.StopAsync();

        Assert.Equal(1, report.Count("RemoteCertificate.Subject: CN=test client"));
        Assert.Equal(1, report.Count("RemoteCertificate.Subject: CN=other client"));
    }

    [Fact]
    public async Task Verbose_describes_every_connection_and_every_ending()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        await using ProgramProcess run = LoadRun.Start(
            server.Address, certificates, "--clients", "4", "--messages", "40", "--verbose", "--wait");
        // All are there before the first one goes.
        await server.Process.WaitForLineAsync("accepted. 4 clients connected to server");
        await run.TypeAsync(string.Empty);
        ProgramResult client = await run.ExitAsync();
        await server.WaitForEndingsAsync("PeerClosed.", 4);
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        foreach (string fact in Facts)
        {
            Assert.Equal(4, report.Count(fact));
            Assert.Equal(4, client.Count(fact));
        }

        AssertCertificate(client, "RemoteCertificate", "CN=test server", certificates.ServerThumbprint);
        AssertCertificate(client, "LocalCertificate", "CN=test client", certificates.ClientThumbprint);
        client.WithOutput("IsServer: False");
        for (int i = 1; i <= 4; i++) report.WithOutput("Client connection ", $" accepted. {i} clients connected to server");
        string[] closed = [.. report.Output.Where(l => l.Contains("Closed 127.0.0.1:", StringComparison.Ordinal))];
        Assert.Equal(4, closed.Length);
        for (int i = 0; i < closed.Length; i++)
        {
            Assert.EndsWith($"PeerClosed. {closed.Length - 1 - i} clients connected to server", closed[i], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Quiet_says_nothing_of_single_connections()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet");
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--messages", "40", "--quiet");
        using (System.Net.Sockets.Socket silent = await RawClient.ConnectTcpAsync(server.EndPoint)) RawClient.Reset(silent);
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        Assert.StartsWith("Clients: 4", client.Output[0], StringComparison.Ordinal);
        Assert.Empty(client.Errors);
        Assert.Equal(0, report.Count("connection 127.0.0.1"));
        Assert.Equal(0, report.Count("Certificate"));
        Assert.Equal(0, report.Count("Refused 127.0.0.1"));
        report.WithOutput("Listening on ").WithOutput("Bytes sent: ");
    }

    [Fact]
    public async Task Help_names_every_exit_code_and_the_default_address()
    {
        string[] programs = [Programs.Server, Programs.Client];
        foreach (string program in programs)
        {
            await using var help = new ProgramProcess(program, ["--help"]);
            ProgramResult result = (await help.ExitAsync()).EndedWith(Exit.Success);
            Assert.Empty(result.Errors);
            result.WithOutput("localhost:7443").WithOutput("--tls-min").WithOutput("Exit codes:").WithOutput("130  ");
        }
    }

    [Fact]
    public async Task Version_is_name_and_version_and_nothing_else()
    {
        await using var version = new ProgramProcess(Programs.Server, ["--version"]);
        ProgramResult result = (await version.ExitAsync()).EndedWith(Exit.Success);
        Assert.Matches(@"^rawecho-server \d+\.\d+\.\d+[\w.-]*$", Assert.Single(result.Output));
    }

    private static void AssertCertificate(ProgramResult result, string name, string subject, string thumbprint) =>
        result.WithOutput($"{name}.Issuer: CN=Test CA").WithOutput($"{name}.Subject: {subject}")
            .WithOutput($"{name}.Thumbprint: {thumbprint}");
}
