using System.Globalization;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Each limit by its option, against the real server, and what it says of it.</summary>
public sealed class ServerLimitTests(Certificates certificates)
{
    [Fact]
    public async Task One_connection_too_many_from_an_address_is_refused_by_name()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-connections-per-address", "1");
        await using RawClient first = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await first.EchoAsync();
        ProgramResult second = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        Assert.NotEqual(Exit.Success, second.ExitCode);
        await server.Process.WaitForLineAsync("as --max-connections-per-address allows");
        (await server.StopAsync()).WithOutput("Connections: 1 accepted, 1 refused at the limit");
    }

    [Fact]
    public async Task A_connection_past_its_lifetime_is_closed_in_order()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-lifetime", "1s", "--verbose");
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--duration", "60s");
        client.EndedWith(Exit.ServerClosed);
        Assert.Equal(0, client.Number("Mismatches"));
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Closed ", "LifetimeEnded.").WithOutput("Endings: LifetimeEnded 4");
        Assert.Equal(report.Number("Bytes sent"), client.Number("Bytes received"));
    }

    [Fact]
    public async Task A_handshake_of_too_many_bytes_is_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-handshake-bytes", "50");
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        client.EndedWith(Exit.TlsRefused);
        await server.Process.WaitForLineAsync("HandshakeTooLarge. It sent 50 bytes");
        (await server.StopAsync()).WithOutput("Endings: HandshakeTooLarge 1");
    }

    [Fact]
    public async Task A_thousand_clients_at_once_are_served_by_one_handshake_at_a_time()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-handshakes", "1", "--quiet");
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "300", "--messages", "3000");
        client.EndedWith(Exit.Success);
        (await server.StopAsync()).WithOutput("Handshakes: 300 done, 0 failed");
    }

    [Fact]
    public async Task KeyUpdates_of_openssl_without_end_are_a_flood_and_some_are_not()
    {
        await Requires.OpenSslAsync();
        // A KeyUpdate is a record of 27 bytes.
        const int allowed = 1000;
        const int flood = 1 + (allowed / 27);
        await using RunningServer server = await RunningServer.StartAsync(
            certificates, "--max-bytes-without-data", allowed.ToString(CultureInfo.InvariantCulture));
        string[] words =
        [
            "s_client", "-connect", server.Address, "-tls1_3", "-CAfile", certificates.Ca, "-cert", certificates.Client.Certificate,
            "-key", certificates.Client.Key,
        ];
        await using var openssl = new ProgramProcess(Programs.OpenSsl!, words);
        await openssl.WaitForLineAsync("Verify return code: 0");
        for (int i = 1; i <= flood; i++)
        {
            await UpdateKeysAsync(openssl, i);
            // Data makes up for what came before it.
            string message = string.Create(CultureInfo.InvariantCulture, $"message {i}");
            await openssl.TypeAsync(message);
            await openssl.WaitForLineAsync(message);
        }

        Assert.DoesNotContain(server.Process.Lines, l => l.Contains("RecordFlood", StringComparison.Ordinal));
        // What comes within a sweep of the last data may be on its account.
        try
        {
            for (int i = 1; !openssl.HasExited; i++) await UpdateKeysAsync(openssl, flood + i);
        }
        catch (IOException)
        {
            // It has ended, because the server has.
        }

        await server.Process.WaitForLineAsync("RecordFlood. More than 1000 bytes of records brought no data.");
        (await server.StopAsync()).WithOutput("Endings: RecordFlood 1");
    }

    // s_client takes a line for a command only when it is the first of what it reads at a time: so one by one.
    private static async Task UpdateKeysAsync(ProgramProcess openssl, int count)
    {
        await openssl.TypeAsync("k");
        await TimeLimit.Until(
            () => openssl.HasExited || openssl.Lines.Count(l => l.EndsWith("KEYUPDATE", StringComparison.Ordinal)) >= count,
            $"{count} KeyUpdates of s_client");
    }

    [Fact]
    public async Task Renegotiation_is_refused()
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        string[] words =
        [
            "s_client", "-connect", server.Address, "-tls1_2", "-CAfile", certificates.Ca, "-cert", certificates.Client.Certificate,
            "-key", certificates.Client.Key,
        ];
        await using var openssl = new ProgramProcess(Programs.OpenSsl!, words);
        await openssl.WaitForLineAsync("Verify return code: 0");
        await openssl.TypeAsync("hello");
        await openssl.WaitForLineAsync("hello");
        await openssl.TypeAsync("R");
        await openssl.WaitForLineAsync("RENEGOTIATING");
        await openssl.ExitAsync();
        Assert.DoesNotContain(
            openssl.Lines.SkipWhile(l => l != "RENEGOTIATING"), l => l.Contains("verify return:1", StringComparison.Ordinal));
        await server.Process.WaitForLineAsync("ProtocolError");
        (await server.StopAsync()).WithOutput("Handshakes: 1 done, 0 failed").WithOutput("Endings: ProtocolError 1");
    }
}
