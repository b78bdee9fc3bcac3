using System.Security.Cryptography.X509Certificates;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// The wall clock jumps. Time limits are counted on the monotonic clock, and do not notice; the validity of a certificate is held against
/// the wall clock, and does.
/// </summary>
public sealed class ClockTests(Certificates certificates)
{
    [Fact]
    public async Task A_clock_that_jumps_ends_no_connection_and_moves_no_deadline()
    {
        using var folder = new TempFolder();
        string shift = folder.Write("shift", "0");
        Dictionary<string, string> environment = await ShiftedClock.ByAsync(shift, folder);

        await using RunningServer server = await RunningServer.OfAsync(new ProgramProcess(
            Programs.Server,
            [
                "--listen", "127.0.0.1:0", .. certificates.ServerOptions,
                "--idle-timeout", "60s", "--handshake-timeout", "60s", "--max-lifetime", "2m",
            ],
            environment));
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        using System.Net.Sockets.Socket inHandshake = await RawClient.ConnectTcpAsync(server.EndPoint);
        await client.EchoAsync();

        // Within the validity of the test's certificates: an hour ago to in thirty days.
        foreach (string seconds in (string[])["864000", "-1800", "0"])
        {
            await File.WriteAllTextAsync(shift, seconds);
            // Longer than a sweep over all connections takes to come round.
            await Task.Delay(1500);
            await client.EchoAsync();
            await using RawClient another = await RawClient.ConnectAsync(server.EndPoint, certificates);
            await another.EchoAsync();
        }

        Assert.DoesNotContain(
            server.Process.Lines,
            l => l.Contains("Timeout", StringComparison.Ordinal) || l.Contains("LifetimeEnded", StringComparison.Ordinal));
        // The jump was real: the log's time of day shows it.
        await File.WriteAllTextAsync(shift, "43200");
        static string Hour(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:", System.Globalization.CultureInfo.InvariantCulture);
        string stopping = Hour(DateTime.Now.AddHours(12)), later = Hour(DateTime.Now.AddHours(12).AddMinutes(1));
        ProgramResult report = await server.StopAsync();
        Assert.Contains(
            report.Output,
            l => l.Contains("Stopping", StringComparison.Ordinal)
                && (l.StartsWith(stopping, StringComparison.Ordinal) || l.StartsWith(later, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("-172800", "is not valid before")]
    [InlineData("3456000", "expired on")]
    public async Task A_peer_that_was_let_in_a_moment_ago_is_refused_when_the_clock_leaves_the_validity_of_its_certificate(
        string seconds, string why)
    {
        using var folder = new TempFolder();
        string shift = folder.Write("shift", "0");
        Dictionary<string, string> environment = await ShiftedClock.ByAsync(shift, folder);
        await using RunningServer server = await RunningServer.OfAsync(
            new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions], environment));
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates)) await client.EchoAsync();
        await File.WriteAllTextAsync(shift, seconds);
        await using ProgramProcess refused = new(
            Programs.Client, ["--server", server.Address, .. certificates.ClientOptions, "--clients", "1", "--messages", "1"]);
        (await refused.ExitAsync()).EndedWith(Exit.TlsRefused);
        await server.Process.WaitForLineAsync(why);
        // The clock is right again, and so is the certificate.
        await File.WriteAllTextAsync(shift, "0");
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates)) await client.EchoAsync();
        (await server.StopAsync()).WithOutput("Handshakes: 2 done, 1 failed");
    }

    [Fact]
    public async Task In_the_hour_that_the_end_of_summer_time_repeats_a_new_certificate_is_valid_and_an_old_one_is_not()
    {
        // Ten past two for the second time; the certificates begin at ten to three, for the first time.
        var now = new DateTimeOffset(2025, 10, 26, 1, 10, 0, TimeSpan.Zero);
        using var folder = new TempFolder();
        string shift = folder.Write(
            "shift", ((long)(now - DateTimeOffset.UtcNow).TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Dictionary<string, string> environment = await ShiftedClock.ByAsync(shift, folder);
        environment["TZ"] = "Europe/Berlin";
        using Party root = new("CN=Root"), server = new("CN=server"), client = new("CN=client");
        byte[] validity = Period(now.AddMinutes(-20), now.AddYears(10)), over = Period(now.AddDays(-9), now.AddMinutes(-20));
        string ca = Write("ca", (Authority() with { Validity = validity }).Sign(root, root));
        PemFiles own = new(Write("server", (Peer() with { Validity = validity }).Sign(server, root)), WriteKey("server", server));
        PemFiles old = new(Write("old", (Peer() with { Validity = over }).Sign(server, root)), own.Key);
        PemFiles shown = new(Write("client", (Peer() with { Validity = validity }).Sign(client, root)), WriteKey("client", client));

        await using (ProgramProcess expired = new(
            Programs.Server, ["--listen", "127.0.0.1:0", .. Certificates.Options(ca, old)], environment))
            (await expired.ExitAsync()).EndedWith(Exit.Certificate);
        await using RunningServer running = await RunningServer.OfAsync(
            new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", .. Certificates.Options(ca, own)], environment));
        await using ProgramProcess peer = new(
            Programs.Client,
            [
                "--server", running.Address, "--server-name", "localhost", .. Certificates.Options(ca, shown),
                "--clients", "1", "--messages", "1",
            ],
            environment);
        (await peer.ExitAsync()).EndedWith(Exit.Success);
        (await running.StopAsync()).WithOutput("Handshakes: 1 done, 0 failed");

        string Write(string name, X509Certificate2 certificate) => folder.Write($"{name}.pem", certificate.ExportCertificatePem());
        string WriteKey(string name, Party party) => folder.Write($"{name}-key.pem", party.Key.ExportPkcs8PrivateKeyPem());
    }
}
