using System.Text;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Engine.UnitTests;

/// <summary>What a peer has put into its certificate forges no line of a log and steers no terminal, wherever it is printed.</summary>
public sealed class PrintedWordsTests
{
    private const string Evil = "x\u001b[31m\n00:00:00 Refused 203.0.113.9:1: PeerCertificateRefused. Forged.\r\u202e\u0085";
    private const string Harmless = "x?[31m?00:00:00 Refused 203.0.113.9:1: PeerCertificateRefused. Forged.???";

    [Fact]
    public async Task A_log_writes_one_line_for_one_line()
    {
        using var written = new MemoryStream();
        using var writer = new GuardedWriter(new StreamSink(written));
        await using (var log = new ConsoleLog(writer))
        {
            log.Line(Evil);
            log.Lines(["first", Evil], "both", new LogFacts("test"));
            log.Event(Evil);
        }

        string[] lines = Encoding.UTF8.GetString(written.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal([Harmless, "first", Harmless], lines[..^1]);
        Assert.EndsWith(" " + Harmless, Assert.Single(lines[^1..]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_is_described_and_ends_in_harmless_words()
    {
        var tls = new TlsDetails(default, "AES", 128, "SHA256")
        {
            Remote = new CertificateSummary(Evil, Evil, "00"),
            Local = new CertificateSummary(Evil, Evil, "00"),
        };
        Assert.All(ConnectionDescription.Lines(tls), l => Assert.DoesNotContain(l, char.IsControl));
        Assert.Contains($"RemoteCertificate.Subject: {Harmless}", ConnectionDescription.Lines(tls));
        Assert.Equal(Harmless, new ConnectionEnd(CloseReason.TransportError, Evil).Detail);
        Assert.Equal(Harmless, (new ConnectionEnd(CloseReason.TransportError) with { Detail = Evil }).Detail);
        Assert.Equal($"TransportError: {Harmless}", new ConnectionEnd(CloseReason.TransportError, Evil).ToString());
        Assert.Equal($"WARNING: {Harmless}", Note.Warning(Evil).ToString());
    }

    [Fact]
    public void No_fault_is_told_in_words_that_are_not()
    {
        foreach (CertificateFault fault in Enum.GetValues<CertificateFault>())
        {
            foreach (PathRule rule in Enum.GetValues<PathRule>())
            {
                foreach (CertificateDefect defect in Enum.GetValues<CertificateDefect>())
                {
                    var problem = new CertificateProblem(fault)
                    {
                        Rule = rule,
                        Defect = defect,
                        Subject = Evil,
                        Issuer = Evil,
                        Detail = Evil,
                        Extension = Evil,
                        ExpectedName = Evil,
                        Names = [Evil],
                        Algorithm = Evil,
                        Position = 1,
                    };
                    Assert.DoesNotContain(problem.ToString(), char.IsControl);
                    Assert.DoesNotContain(ProblemText.Of(problem), char.IsControl);
                }
            }
        }
    }
}
