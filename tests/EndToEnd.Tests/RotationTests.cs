using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Certificates and lists that change under a running server, and sessions that are resumed.</summary>
public sealed class RotationTests(Certificates certificates)
{
    [Fact]
    public async Task A_certificate_changes_under_load_and_no_echo_is_lost()
    {
        using var folder = new TempFolder();
        var own = new PemFiles(folder["server.pem"], folder["server-key.pem"]);
        Copy(certificates.Server, own);
        PemFiles renewed = certificates.Write("renewed-server", new Leaf { Subject = "CN=renewed server" });
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, own), "--reload", "100ms"]);
        await using ProgramProcess load = LoadRun.Start(server.Address, certificates, "--clients", "4", "--messages", "4000", "--wait");
        await load.WaitForLineAsync("Press any key");

        // A pair that does not fit, for longer than a moment: reported, and the old pair stays.
        File.Copy(renewed.Certificate, own.Certificate, overwrite: true);
        await server.Process.WaitForLineAsync("NOT reloaded");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5"))
            .WithOutput("Negotiated: ", "server CN=test server");
        await load.TypeAsync(string.Empty);
        File.Copy(renewed.Key, own.Key, overwrite: true);
        await server.Process.WaitForLineAsync("Reloaded (files have changed): own certificate CN=renewed server");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5"))
            .EndedWith(Exit.Success).WithOutput("Negotiated: ", "server CN=renewed server");

        ProgramResult result = await load.ExitAsync();
        result.EndedWith(Exit.Success);
        Assert.Equal(4000, result.Number("Round trips"));
        await server.StopAsync();
    }

    [Fact]
    public async Task Files_that_are_swapped_ten_times_a_second_cost_no_message_and_let_nobody_in()
    {
        Requires.Linux("rawecho-soak");
        // The minute of docs/limits.md is left to './build.sh soak rotation'.
        string soak = Programs.InRepository("tests/Soak/bin/Release/net10.0/rawecho-soak.dll");
        await using var rotation = new ProgramProcess("dotnet", [soak, "rotation", "--seconds", "8"]);
        (await rotation.ExitAsync()).EndedWith(Exit.Success).WithOutput("Swaps: ");
    }

    [Fact]
    public async Task A_Secret_that_the_kubelet_swaps_is_taken_up_whole_and_open_connections_live_on()
    {
        Requires.Linux("links of directories");
        using var folder = new TempFolder();
        var secret = new SecretVolume(folder.Path);
        using X509Certificate2 first = certificates.Issue(new Leaf { Subject = "CN=Secret 1" });
        await secret.WriteAsync(first, certificates.Ca);
        await using RunningServer server = await RunningServer.StartAsync(
        [
            "--listen", "127.0.0.1:0", "--reload", "100ms",
            .. Certificates.Options(secret["ca.crt"], new PemFiles(secret["tls.crt"], secret["tls.key"])),
        ]);
        await using ProgramProcess load = LoadRun.Start(
            server.Address, certificates, "--clients", "4", "--rate", "100", "--duration", "5m", "--quiet");
        await TimeLimit.Until(() => server.Process.Lines.Count(l => l.Contains("accepted", StringComparison.Ordinal)) >= 4, "load");
        for (int i = 2; i < 5; i++)
        {
            // A new key each time, as with rotationPolicy: Always. A certificate of one Secret and a key of another would be reported.
            string name = string.Create(CultureInfo.InvariantCulture, $"CN=Secret {i}");
            using X509Certificate2 next = certificates.Issue(new Leaf { Subject = name });
            await secret.WriteAsync(next, certificates.Ca);
            await server.Process.WaitForLineAsync($"Reloaded (files have changed): own certificate {name} ");
            (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5"))
                .EndedWith(Exit.Success).WithOutput("Negotiated: ", $"server {name}");
        }

        Assert.False(load.HasExited);
        load.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await load.ExitAsync()).EndedWith(Exit.Interrupted);
        Assert.Equal(0, result.Number("Mismatches"));
        Assert.DoesNotContain(result.Errors, l => l.Contains("lost", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Process.Lines, l => l.Contains("NOT reloaded", StringComparison.Ordinal));
        await server.StopAsync();
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_a_file_holds_up_neither_reload_nor_stop()
    {
        Requires.Linux("mkfifo");
        Requires.HangUp();
        using var folder = new TempFolder();
        var own = new PemFiles(folder["server.pem"], folder["server-key.pem"]);
        Copy(certificates.Server, own);
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, own), "--reload", "100ms"]);
        await MakePipeAsync();
        await server.Process.WaitForLineAsync("NOT reloaded (files have changed)");
        server.Process.Signal(PosixSignal.SIGHUP);
        string line = await server.Process.WaitForLineAsync("NOT reloaded (SIGHUP)");
        Assert.Contains($"{own.Key}: is a pipe", line, StringComparison.Ordinal);

        File.Delete(own.Key);
        PemFiles renewed = certificates.Write("renewed-behind-pipe", new Leaf { Subject = "CN=renewed server" });
        Copy(renewed, own);
        await server.Process.WaitForLineAsync("Reloaded (files have changed): own certificate CN=renewed server");
        await MakePipeAsync();
        await server.Process.WaitForLineAsync("NOT reloaded (files have changed)");
        await server.StopAsync();

        async Task MakePipeAsync()
        {
            File.Delete(own.Key);
            await using var make = new ProgramProcess("mkfifo", [own.Key]);
            (await make.ExitAsync()).EndedWith(0);
        }
    }

    [Fact]
    public async Task An_intermediate_that_is_trusted_alone_lets_nobody_in_unless_a_chain_may_end_there()
    {
        using var folder = new TempFolder();
        using Party root = new("CN=Far root"), mid = new("CN=Near CA"), peer = new("CN=near peer");
        using X509Certificate2 midCa = CertificateForge.Authority().Sign(mid, root), leaf = CertificateForge.Peer().Sign(peer, mid);
        string ca = folder.Write("ca.pem", midCa.ExportCertificatePem());
        // Both sides show it, and it is for localhost.
        string[] own = Certificates.Options(ca, new PemFiles(
            folder.Write("leaf.pem", leaf.ExportCertificatePem()), folder.Write("leaf-key.pem", peer.Key.ExportPkcs8PrivateKeyPem())));
        await using (var refused = new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", .. own]))
            (await refused.ExitAsync()).EndedWith(Exit.Certificate).WithOneSentence(ca, "CN=Near CA", "is not a root", "--partial-chain");

        await using RunningServer server = await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. own, "--partial-chain"]);
        string[] client = ["--server", $"localhost:{server.EndPoint.Port}", .. own, "--clients", "1", "--messages", "5"];
        (await LoadRun.RunAsync(client)).EndedWith(Exit.Certificate);
        (await LoadRun.RunAsync([.. client, "--partial-chain"])).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Theory]
    [InlineData("-tls1_3")]
    [InlineData("-tls1_2")]
    public async Task A_session_is_resumed_below_an_intermediate_until_its_owner_is_revoked(string version)
    {
        await Requires.OpenSslAsync();
        Requires.HangUp();
        using var folder = new TempFolder();
        using var root = new Party("CN=Session root");
        using var mid = new Party("CN=Session intermediate");
        using var peer = new Party("CN=session client");
        using X509Certificate2 rootCa = CertificateForge.Authority().Sign(root, root), midCa = CertificateForge.Authority().Sign(mid, root),
            leaf = CertificateForge.Peer().Sign(peer, mid);
        string ca = folder.Write("ca.pem", rootCa.ExportCertificatePem());
        string[] client =
        [
            "-cert", folder.Write("leaf.pem", leaf.ExportCertificatePem()),
            "-key", folder.Write("leaf-key.pem", peer.Key.ExportPkcs8PrivateKeyPem()),
            "-cert_chain", folder.Write("mid.pem", midCa.ExportCertificatePem()), "-CAfile", ca, version,
        ];
        string lists = folder.Write("lists.pem", new RevocationListForge().SignToPem(root) + new RevocationListForge().SignToPem(mid));
        await using RunningServer server = await RunningServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. Certificates.Options(ca, certificates.Server), "--crl", lists, "--reload", "off", "--verbose"]);
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.EndPoint.Port}");
        string[] common = ["s_client", "-connect", address, .. client];

        Assert.Contains(await TalkAsync([.. common, "-sess_out", folder["session"]]), l => l.StartsWith("New, ", StringComparison.Ordinal));
        Assert.Contains(
            await TalkAsync([.. common, "-sess_in", folder["session"], "-sess_out", folder["session"]]),
            l => l.StartsWith("Reused, ", StringComparison.Ordinal));
        await server.WaitForEndingsAsync("PeerClosed.", 2);

        await using ProgramProcess open = new(Programs.OpenSsl!, [.. common, "-sess_in", folder["session"]]);
        await open.TypeAsync("still here");
        await open.WaitForLineAsync(l => l.EndsWith("still here", StringComparison.Ordinal), "the echo");
        File.WriteAllText(lists, new RevocationListForge().SignToPem(root) + new RevocationListForge { Revoked = [leaf] }.SignToPem(mid));
        server.Process.Signal(PosixSignal.SIGHUP);
        await server.Process.WaitForLineAsync("Connections ended, their peers no longer being let in: 1");
        await server.Process.WaitForLineAsync("AccessWithdrawn.");
        await open.ExitAsync();

        await using ProgramProcess resumed = new(Programs.OpenSsl!, [.. common, "-sess_in", folder["session"]]);
        await server.Process.WaitForLineAsync(
            l => l.Contains("PeerCertificateRefused.", StringComparison.Ordinal) && l.Contains("is revoked", StringComparison.Ordinal),
            "that it is revoked");
        await resumed.ExitAsync();
        await server.StopAsync();
    }

    [Fact]
    public async Task Without_a_fresh_list_nobody_comes_in_unless_that_is_asked_for()
    {
        using var folder = new TempFolder();
        using Party root = new("CN=List root"), peer = new("CN=list client");
        using X509Certificate2 rootCa = CertificateForge.Authority().Sign(root, root), leaf = CertificateForge.Peer().Sign(peer, root);
        string ca = folder.Write("ca.pem", rootCa.ExportCertificatePem());
        // Both sides show it, and it is for localhost.
        string[] own = Certificates.Options(ca, new PemFiles(
            folder.Write("leaf.pem", leaf.ExportCertificatePem()), folder.Write("leaf-key.pem", peer.Key.ExportPkcs8PrivateKeyPem())));
        string stale = folder.Write(
            "stale.pem",
            new RevocationListForge { ThisUpdate = TimeSpan.FromDays(-9), NextUpdate = TimeSpan.FromDays(-1) }.SignToPem(root));
        string forged = folder.Write("forged.pem", new RevocationListForge().SignToPem(root, peer.Key));

        await using RunningServer closed = await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. own, "--crl", stale]);
        (await RunAsync(closed)).EndedWith(Exit.TlsRefused);
        await closed.Process.WaitForLineAsync("stale since");
        await closed.StopAsync();

        await using RunningServer open =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. own, "--crl", stale, "--crl", forged, "--crl-missing", "allow"]);
        (await RunAsync(open)).EndedWith(Exit.Success);
        (await open.StopAsync()).WithOutput("WARNING: --crl-missing allow").WithOutput("WARNING: not used");

        Task<ProgramResult> RunAsync(RunningServer server) =>
            LoadRun.RunAsync(["--server", $"localhost:{server.EndPoint.Port}", .. own, "--clients", "1", "--messages", "5"]);
    }

    // The ticket of TLS 1.3 comes after the handshake, with the first data at the latest.
    private static async Task<IReadOnlyList<string>> TalkAsync(string[] arguments)
    {
        await using var openssl = new ProgramProcess(Programs.OpenSsl!, arguments);
        await openssl.TypeAsync("hello");
        // What openssl says of a ticket that comes just then may stand before it on the line.
        await openssl.WaitForLineAsync(l => l.EndsWith("hello", StringComparison.Ordinal), "the echo");
        openssl.CloseInput();
        return (await openssl.ExitAsync()).Output;
    }

    private static void Copy(PemFiles from, PemFiles to)
    {
        File.Copy(from.Certificate, to.Certificate, overwrite: true);
        File.Copy(from.Key, to.Key, overwrite: true);
    }
}
