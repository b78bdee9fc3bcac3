using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// The certificate faults that rawecho-client would not produce, shown by openssl over a real handshake. The server refuses each,
/// says why, and serves the next client.
/// </summary>
public sealed class CertificateFaultTests(Certificates certificates)
{
    private static readonly string[] Anything = ["-cipher", "ALL:@SECLEVEL=0", "-ciphersuites", "TLS_AES_128_GCM_SHA256"];

    public static TheoryData<string, string> Faults => new()
    {
        { "self-signed", "not from a trusted CA" },
        { "same-name CA", "does not verify" },
        { "leaf as CA", "chain is not valid" },
        { "RSA 1024", "RSA with 1024 bits" },
        { "SHA-1", "signed with" },
        { "damaged, with its issuer", "A signature in its chain does not verify" },
        { "oversized chain", "more than 6 certificates" },
        { "revoked", "is revoked" },
        { "revoked by a partial list of another spelling", "is revoked" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_faulty_certificate_is_refused_with_its_reason_and_the_next_client_is_served(string fault, string reason)
    {
        await Requires.OpenSslAsync();
        using var folder = new TempFolder();
        using var root = new Party("CN=Fault root");
        using X509Certificate2 rootCa = Authority().Sign(root, root);
        string ca = folder.Write("ca.pem", rootCa.ExportCertificatePem());
        (X509Certificate2 leaf, Party peer, X509Certificate2[] chain) = Make(fault, root);
        string[] lists = ListOptions(fault, folder, root, leaf);
        (X509Certificate2 goodLeaf, Party good, _) = Make("none", root);

        await using RunningServer server = await RunningServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. Certificates.Options(ca, certificates.Server), .. lists]);
        await using (ProgramProcess bad = StartClient(server, folder, "bad", leaf, peer, chain))
        {
            string line = await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
            Assert.Contains("PeerCertificateRefused.", line, StringComparison.Ordinal);
            Assert.Contains(reason, line, StringComparison.Ordinal);
            await bad.ExitAsync();
        }

        await using (ProgramProcess next = StartClient(server, folder, "good", goodLeaf, good, []))
        {
            await next.TypeAsync("hello");
            await next.WaitForLineAsync(l => l == "hello", "the echo");
            next.CloseInput();
            await next.ExitAsync();
        }

        (await server.StopAsync()).WithOutput("Handshakes: 1 done, 1 failed");
    }

    // Of the second kind: its issuer in another kind of string and in upper case, for users with a distribution point that nobody names.
    private static string[] ListOptions(string fault, TempFolder folder, Party root, X509Certificate2 leaf)
    {
        const string kind = "revoked";
        bool isPartial = fault.StartsWith($"{kind} by", StringComparison.Ordinal);
        byte[] name = [0x30, 21, 0x31, 19, 0x30, 17, 6, 3, 0x55, 4, 3, 0x13, 10, .. "FAULT ROOT"u8];
        byte[] scope = [0x30, 26, 0xA0, 21, 0xA0, 19, 0x86, 17, .. "http://ca.test/cr"u8, 0x81, 1, 0xff];
        var list = new RevocationListForge
        {
            Revoked = fault.StartsWith(kind, StringComparison.Ordinal) ? [leaf] : [],
            Extensions = isPartial ? [Raw("2.5.29.28", scope, critical: true)] : [],
        };
        Party issuer = isPartial ? new Party(new X500DistinguishedName(name), root.Key) : root;
        string[] given = ["--crl", folder.Write("list.pem", list.SignToPem(issuer))];
        return isPartial ? [.. given, "--crl-missing", "allow"] : given;
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_wrong_copy_of_a_CA_sent_first_keeps_nobody_out_and_what_stands_in_a_name_forges_no_line(string version)
    {
        await Requires.OpenSslAsync();
        using var folder = new TempFolder();
        using Party root = new("CN=Fault root"), issuer = new("CN=Issuer"), wrong = new("CN=Issuer"),
            peer = new("CN=\"evil\u001b[31m\n00:00:00 Refused 203.0.113.9:1: forged\"");
        using X509Certificate2 rootCa = Authority().Sign(root, root), wrongCa = Authority().Sign(wrong, root),
            rightCa = Authority().Sign(issuer, root), leaf = Peer().Sign(peer, issuer);
        string ca = folder.Write("ca.pem", rootCa.ExportCertificatePem());
        await using RunningServer server = await RunningServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. Certificates.Options(ca, certificates.Server)]);
        await using ProgramProcess client = StartClient(server, folder, "evil", leaf, peer, [wrongCa, rightCa], version);
        await client.TypeAsync("hello");
        await client.WaitForLineAsync(l => l == "hello", "the echo");
        client.CloseInput();
        await client.ExitAsync();
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Handshakes: 1 done, 0 failed").WithOutput("evil?[31m?00:00:00 Refused");
        Assert.DoesNotContain(report.Output, l => l.StartsWith("00:00:00", StringComparison.Ordinal) || l.Contains('\u001b'));
    }

    [Fact]
    public async Task A_client_that_does_not_hold_the_key_of_its_certificate_is_refused()
    {
        await Requires.OpenSslAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using var proxy = new TestServer(client => ForgeCertificateVerifyAsync(client, server.EndPoint));
        await using ProgramProcess openssl = new(Programs.OpenSsl!,
        [
            "s_client", "-connect", proxy.Address, "-tls1_2", "-CAfile", certificates.Ca, "-cert", certificates.Client.Certificate,
            "-key", certificates.Client.Key,
        ]);
        string line = await server.Process.WaitForLineAsync("Refused 127.0.0.1:");
        Assert.Contains("does not hold the key of its certificate", line, StringComparison.Ordinal);
        await openssl.ExitAsync();
        await server.StopAsync();
    }

    private static (X509Certificate2 Leaf, Party Peer, X509Certificate2[] Chain) Make(string fault, Party root)
    {
        var peer = new Party("CN=faulty", fault == "RSA 1024" ? RSA.Create(1024) : null);
        switch (fault)
        {
            case "self-signed":
                return (Peer().Sign(peer, peer), peer, []);
            case "same-name CA":
                var twin = new Party(root.Name.Name);
                return (Peer().Sign(peer, twin), peer, [Authority().Sign(twin, twin)]);
            case "leaf as CA":
                var leaf = new Party("CN=a peer");
                return (Peer().Sign(peer, leaf), peer, [Peer().Sign(leaf, root)]);
            case "SHA-1":
                return ((Peer() with { Hash = HashAlgorithmName.SHA1 }).Sign(peer, root), peer, []);
            case "damaged, with its issuer":
                byte[] damaged = Peer().Encode(peer, root);
                damaged[^1] ^= 1;
                return (X509CertificateLoader.LoadCertificate(damaged), peer, [Authority().Sign(root, root)]);
            case "oversized chain":
                Party issuer = root;
                var chain = new List<X509Certificate2>();
                for (int i = 0; i < 20; i++)
                {
                    var next = new Party($"CN=Level {i}");
                    chain.Insert(0, Authority().Sign(next, issuer));
                    issuer = next;
                }

                return (Peer().Sign(peer, issuer), peer, [.. chain]);
            default:
                return (Peer().Sign(peer, root), peer, []);
        }
    }

    private static ProgramProcess StartClient(
        RunningServer server, TempFolder folder, string name, X509Certificate2 leaf, Party peer, X509Certificate2[] chain,
        params string[] more) => new(
        Programs.OpenSsl!,
        [
            "s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.EndPoint.Port}"),
            "-quiet", "-no_ign_eof", .. Anything, .. more,
            "-cert", folder.Write($"{name}.pem", leaf.ExportCertificatePem()),
            "-key", folder.Write($"{name}-key.pem", peer.Key.ExportPkcs8PrivateKeyPem()),
            .. chain.Length == 0
                ? Array.Empty<string>()
                : ["-cert_chain", folder.Write($"{name}-chain.pem", string.Join('\n', chain.Select(c => c.ExportCertificatePem())))],
        ]);

    // Under TLS 1.2 the message stands in the clear: changed, it is a signature by another key than the certificate's.
    private static async Task ForgeCertificateVerifyAsync(Socket client, IPEndPoint server)
    {
        using Socket onward = await RawClient.ConnectTcpAsync(server);
        using var there = new NetworkStream(onward);
        using var here = new NetworkStream(client);
        Task back = there.CopyToAsync(here);
        byte[] header = new byte[5];
        bool forged = false;
        while (await here.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            byte[] body = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
            await here.ReadExactlyAsync(body);
            const byte handshake = 22, certificateVerify = 15;
            for (int at = 0; header[0] == handshake && !forged && at + 4 <= body.Length;)
            {
                int length = (body[at + 1] << 16) | (body[at + 2] << 8) | body[at + 3];
                if (body[at] == certificateVerify)
                {
                    body[at + 3 + length] ^= 1;
                    forged = true;
                }

                at += 4 + length;
            }

            await there.WriteAsync(header);
            await there.WriteAsync(body);
        }

        onward.Shutdown(SocketShutdown.Send);
        await back;
    }
}
