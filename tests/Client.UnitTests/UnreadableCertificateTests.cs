using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using RawEcho.Client.Output;
using RawEcho.Client.Probe;
using RawEcho.CommandLine;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Client.UnitTests;

/// <summary>A server may show whatever bytes it likes: the probe reports what can be read, and says of the rest that it cannot.</summary>
public sealed class UnreadableCertificateTests
{
    private static readonly Party Root = new("CN=Root"), Server = new("CN=server"), Other = new("CN=other");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    // The thirteenth month.
    private static readonly byte[] NoDates = Encoding.ASCII.GetBytes("0\u001e\u0017\r261301000000Z\u0017\r261301000000Z");
    private static readonly X509Extension NoNames = Raw("2.5.29.17", [0x30, 3, 0x82, 9, 1], critical: false);

    [Fact]
    public void Dates_of_the_server_that_cannot_be_read()
    {
        (ProbeReport report, string text) = Report(Certificate(Peer() with { Validity = NoDates }));
        Assert.Equal("server-certificate-malformed", report.Findings[0].Code);
        Assert.Contains("its validity dates are malformed", report.Findings[0].Message, StringComparison.Ordinal);
        Assert.Matches("valid +unreadable", text);
        CertificateReport shown = Assert.Single(report.Server!.Certificates);
        Assert.Equal((null, null, null, "CN=server"), (shown.NotBefore, shown.NotAfter, shown.DaysLeft, shown.Subject));
    }

    [Fact]
    public void Names_of_the_server_that_cannot_be_read()
    {
        var forge = new CertificateForge { Extensions = [Purposes(TestPki.ServerAuth), NoNames] };
        (ProbeReport report, string text) = Report(Certificate(forge));
        Assert.Equal("server-certificate-malformed", report.Findings[0].Code);
        Assert.Matches("names +unreadable", text);
        Assert.Equal(["unreadable"], report.Server!.Certificates[0].Names);
    }

    [Fact]
    public void A_certificate_that_the_server_need_not_have_sent()
    {
        foreach (CertificateForge forge in new[] { Authority() with { Validity = NoDates }, Authority(null, NoNames) })
        {
            (ProbeReport report, string text) = Report(Certificate(Peer()), forge.Encode(Other, Other));
            Assert.True(report.Server!.Verified);
            Assert.Empty(report.Findings);
            Assert.Contains("unreadable", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Extensions_that_cannot_be_read_are_not_taken_for_missing()
    {
        var forge = new CertificateForge
        {
            Extensions = [Raw("2.5.29.19", [0x30, 3, 1], critical: true), Raw("2.5.29.37", [0x30, 3, 6], critical: false)],
        };
        CertificateReport shown = Report(Certificate(forge)).Report.Server!.Certificates[0];
        Assert.Null(shown.IsAuthority);
        Assert.Equal(["unreadable"], shown.Purposes);
    }

    [Fact]
    public void Whatever_a_server_shows_there_is_a_report()
    {
        var random = new Random(12);
        byte[] leaf = Certificate(Peer()), extra = Authority(null, Names("a.example"), KeyIdentifier(Other)).Encode(Other, Other);
        for (int i = 0; i < 1_500; i++)
        {
            byte[] shown = i % 2 == 0 ? Damage(leaf, random) : leaf, sent = Damage(extra, random);
            (ProbeReport? report, string text) = TryReport(shown, sent);
            Assert.DoesNotContain(text, c => char.IsControl(c) && c is not '\n' and not '\r');
            if (report is not null) Assert.NotEmpty(JsonSerializer.Serialize(report, ProbeJson.Default.ProbeReport));
        }
    }

    private static byte[] Certificate(CertificateForge forge) => forge.Encode(Server, Root);

    private static (ProbeReport Report, string Text) Report(params byte[][] certificates)
    {
        (ProbeReport? report, string text) = TryReport(certificates);
        return (report!, text);
    }

    private static (ProbeReport? Report, string Text) TryReport(params byte[][] certificates)
    {
        ProbeSettings settings = Settings();
        if (ServerChain.Of(certificates, settings) is not { } server) return (null, "");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Finding[] findings = [.. ServerCertificateFindings.Of(server, settings)];
        var report = new ProbeReport
        {
            Time = now,
            Target = new("localhost:1", "localhost", "mutual", "1.2"),
            Outcome = "ok",
            ExitCode = 0,
            Interrupted = false,
            Addresses = [],
            Server = new(
                server.Verdict.Accepted, [.. server.Intermediates.Prepend(server.Leaf).Select(c => CertificateReport.Of(c, now))], null),
            Findings = findings,
            Notes = [],
        };
        using var text = new StringWriter();
        new TextReport(text, new Probe.Terminal(HasColour: false, HasMarks: false)).Write(report);
        return (report, text.ToString());
    }

    private static ProbeSettings Settings() => new()
    {
        Server = new HostPort("localhost", 1),
        ServerName = "localhost",
        Tls = new TlsMaterial(TlsLevel.Mutual, SslProtocols.None, TimeSpan.FromSeconds(1)) { TrustedRoots = [RootCa] },
        ConnectTimeout = TimeSpan.FromSeconds(1),
        EchoTimeout = TimeSpan.FromSeconds(1),
        Output = new NoOutput(),
    };

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        for (int n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private sealed class NoOutput : IResultWriter<ProbeReport>
    {
        public void Write(ProbeReport result)
        {
        }
    }
}
