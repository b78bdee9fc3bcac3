using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Server.Http;

/// <summary>A connection's report as a page for browsers.</summary>
internal static class ConnectionPage
{
    private const string None = "none";

    public static string ToHtml(ConnectionReport report, DateTimeOffset now) => new ReportPage
    {
        Title = report.Tls is { Mutual: true } ? "This connection: mutual TLS" : "This connection",
        Lead = $"How {report.Remote} is connected to rawecho-server at {report.Local}.",
        Generator = ProgramVersion.Of("rawecho-server"),
        Written = now,
        Sections =
        [
            new HeadlineSection(
            [
                new Headline("TLS", report.Tls?.Protocol ?? None, IsBad: report.Tls is null),
                new Headline("HTTP", report.Http),
                new Headline("Client", ClientOf(report)),
            ]),
            new FactSection("Connection", [.. Facts(report)]),
            .. Section(report.ClientName is null ? "Client's certificate" : "Proxy's certificate", report.Client),
            .. Section("Server's certificate", report.Server),
            new NoteSection("What was verified", report.Checks),
        ],
    }.ToHtml();

    private static string ClientOf(ConnectionReport report) => report switch
    {
        { ClientName: { } name } => $"{name}, as the proxy says",
        { Client: { } certificate } => PeerText.Clean(certificate.Subject),
        _ => "no certificate",
    };

    private static IEnumerable<Fact> Facts(ConnectionReport report)
    {
        yield return new Fact("HTTP", report.Http);
        if (report.Tls is not { } tls) yield break;
        yield return new Fact("TLS", tls.Protocol);
        yield return new Fact("Cipher suite", tls.CipherSuite);
        yield return new Fact("Protocol agreed on (ALPN)", tls.ApplicationProtocol ?? None);
        yield return new Fact("Name asked for (SNI)", PeerText.Clean(tls.ServerName ?? None));
        yield return new Fact("Session resumed", tls.Resumed switch { true => "yes", false => "no", null => "unknown" });
    }

    private static IEnumerable<PageSection> Section(string title, CertificateReport? certificate)
    {
        if (certificate is null) yield break;
        yield return new FactSection(
            title,
            [
                new Fact("Subject", PeerText.Clean(certificate.Subject)),
                new Fact("Issuer", PeerText.Clean(certificate.Issuer)),
                new Fact("Names", certificate.Names.Count > 0 ? PeerText.List(certificate.Names) : None),
                new Fact("Made for", certificate.Purposes.Count > 0 ? string.Join(", ", certificate.Purposes) : "not limited"),
                new Fact("Valid", Validity(certificate)),
                new Fact("Key", certificate.Key),
                new Fact("SHA-256", certificate.Sha256),
            ]);
    }

    private static string Validity(CertificateReport certificate) =>
        certificate is { Validity: { } validity, DaysLeft: { } days }
            ? $"{CertificateText.Utc(validity.From)} to {CertificateText.Utc(validity.Until)}, {CertificateText.Days(days)} left"
            : "unreadable";
}
