using System.Globalization;
using RawEcho.Client.StartTls;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Probe;

/// <summary>Writes the report for a person: labels in one column, facts in another, findings at the end.</summary>
internal sealed class TextReport(TextWriter output, Terminal terminal)
{
    private const int LabelWidth = 14;
    private const string ServerCertificate = "server-certificate-";

    /// <summary>The report as standard output can show it.</summary>
    public static string Of(ProbeReport report)
    {
        using var text = new StringWriter();
        new TextReport(text, Terminal.OfStandardOutput()).Write(report);
        return text.ToString();
    }

    public void Write(ProbeReport report)
    {
        foreach (string note in report.Notes) output.WriteLine(PeerText.Clean(note));
        if (report.Notes.Count > 0) output.WriteLine();

        WriteConnection(report);
        if (report.Server is { } server) WriteServer(server, report);
        if (report.Client is { } client) WriteClient(client);
        if (report.Echo is { } echo)
        {
            if (report.Handshake is not null) output.WriteLine();
            Fact("Echo", Describe(echo));
        }

        WriteAnswer(report);

        output.WriteLine();
        foreach (Finding finding in report.Findings) Write(finding);
        if (report.ExitCode == ExitCode.Success) output.WriteLine(terminal.Good(Summary(report)));
        else output.WriteLine(terminal.Label($"Exit code {report.ExitCode}."));
    }

    private void WriteConnection(ProbeReport report)
    {
        string tls = report.Target.Tls switch
        {
            "none" => "no TLS",
            "server" => $"TLS {report.Target.MinimumVersion} or later, server certificate only",
            _ => $"TLS {report.Target.MinimumVersion} or later, mutual",
        };
        bool isSameName = report.Target.Server.StartsWith($"{report.Target.ServerName}:", StringComparison.Ordinal);
        string name = isSameName || report.Target.Tls == "none" ? string.Empty : $" as '{report.Target.ServerName}'";
        if (report.Target.StartTls is { } startTls)
            tls = $"STARTTLS of {StartTlsProtocol.All.First(p => p.Name == startTls).Title}, {tls}";
        Fact("Server", $"{report.Target.Url ?? report.Target.Server}{name} ({tls})");
        int width = report.Addresses.Select(a => a.Address.Length).DefaultIfEmpty().Max();
        string label = "Addresses";
        foreach (AddressReport address in report.Addresses)
        {
            Fact(label, $"{address.Address.PadRight(width)}  {Describe(address)}");
            label = string.Empty;
        }

        if (report.StartTls is { } step) Fact("STARTTLS", $"{Words(step.Result)} after {Time(step.Milliseconds)}");
        if (report.Handshake is not { } handshake) return;
        string result = $"{Words(handshake.Result)} {(handshake.Result == "complete" ? "in" : "after")} {Time(handshake.Milliseconds)}";
        string what = string.Join(", ", new[] { handshake.Protocol, handshake.CipherSuite, result }.OfType<string>());
        Fact("Handshake", what);
        if (report.Target.ApplicationProtocols.Count > 0 && handshake.Result == "complete")
        {
            string offered = $"offered {string.Join(", ", report.Target.ApplicationProtocols)}";
            Fact("Protocol", handshake.ApplicationProtocol is { } chosen ? $"{chosen} ({offered})" : $"none was chosen ({offered})");
        }

        if (handshake.Resumption is { } resumption) Fact("Resumption", Describe(resumption));
    }

    private void WriteServer(ServerReport server, ProbeReport report)
    {
        Section("Server's certificate");
        WriteCertificate(server.Certificates[0]);
        FactAsIs("  verified", server.Verified ? terminal.Good(PeerText.Clean(WhyVerified(server, report))) : terminal.Bad(WhyNot(report)));
        foreach (CertificateReport certificate in server.Certificates.Skip(1))
        {
            Section("Sent along with it");
            WriteCertificate(certificate);
        }
    }

    private void WriteClient(ClientReport client)
    {
        Section("Client's certificate");
        Fact("  asked for", client.Asked switch
        {
            true when client.AcceptableAuthorities.Count > 0 => $"yes, from {PeerText.List(client.AcceptableAuthorities, "; ")}",
            true => "yes, and no CA was named",
            false => "no",
            null => "unknown: it did not come to that",
        });
        if (client.Certificate is not { } own) Fact("  sent", "none: there is none to show");
        else if (client.Sent == false) Fact("  sent", $"no ({own.Subject} was ready)");
        else
        {
            Fact("  sent", client.Sent == true ? own.Subject : $"{own.Subject}, if it came to that");
            Fact("  issuer", own.Issuer);
            Fact("  valid", Validity(own));
        }

        string accepted = Words(client.Accepted);
        if (client is { Certificate: null, Accepted: "yes" }) accepted = "yes, without one";
        if (client is { Certificate: null, Accepted: "no" or "probably-not" }) accepted += ": it requires one";
        FactAsIs("  accepted", client.Accepted switch
        {
            "yes" => terminal.Good(accepted),
            "no" or "probably-not" => terminal.Bad(accepted),
            _ => accepted,
        });
    }

    private void WriteAnswer(ProbeReport report)
    {
        if ((report.Answer ?? (object?)report.Http) is not null && report.Handshake is not null) output.WriteLine();
        if (report.Answer is { } answer) Fact("Answer", Describe(answer));
        if (report.Http is { } http) Fact("HEAD", Describe(http));
    }

    private void WriteCertificate(CertificateReport certificate)
    {
        Fact("  subject", certificate.Subject.Length == 0 ? "none" : certificate.Subject);
        if (certificate.IsAuthority != true || certificate.Names.Count > 0)
            Fact("  names", certificate.Names.Count == 0 ? "none" : PeerText.List(certificate.Names));
        string purposes = certificate.Purposes.Count == 0 ? "not limited" : PeerText.List(certificate.Purposes);
        Fact("  purpose", certificate.IsAuthority == true ? "CA" : purposes);
        Fact("  valid", Validity(certificate));
        Fact("  key", $"{certificate.Key}, signed with {certificate.Signature}");
        Fact("  issuer", certificate.Issuer == certificate.Subject ? "itself" : certificate.Issuer);
        Fact("  SHA-256", certificate.Sha256);
    }

    private void Write(Finding finding)
    {
        string message = PeerText.Clean(finding.Message);
        output.WriteLine(finding.Severity == Severity.Error ? terminal.Error(message) : terminal.Warning(message));
        if (finding.Advice is { } advice) output.WriteLine($"  {PeerText.Clean(advice)}");
        output.WriteLine();
    }

    private void Section(string title)
    {
        output.WriteLine();
        output.WriteLine(terminal.Title(title));
    }

    private void Fact(string label, string value) => FactAsIs(label, PeerText.Clean(value));

    private void FactAsIs(string label, string value) => output.WriteLine(terminal.Label(label.PadRight(LabelWidth)) + value);

    private static string Describe(AddressReport address) => address.Result switch
    {
        "connected" => $"connected in {Time(address.Milliseconds)}",
        "failed" => $"failed after {Time(address.Milliseconds)}: {address.Reason}",
        _ => "not tried",
    };

    private static string Describe(ResumptionReport resumption) => resumption.Result switch
    {
        "resumed" => $"yes, a second handshake took {Time(resumption.Milliseconds)}",
        "full" => $"no, a second handshake was a full one too, and took {Time(resumption.Milliseconds)}",
        _ => $"{Words(resumption.Result)}: {resumption.Detail}",
    };

    private static string WhyVerified(ServerReport server, ProbeReport report)
    {
        string root = server.TrustedRoot ?? "a trusted CA";
        return $"yes: the chain leads to {root}, valid now, for servers, for '{report.Target.ServerName}'";
    }

    private static string WhyNot(ProbeReport report)
    {
        IEnumerable<string> faults = report.Findings.Select(f => f.Code)
            .Where(c => c.StartsWith(ServerCertificate, StringComparison.Ordinal))
            .Select(c => Words(c[ServerCertificate.Length..]));
        return $"no: {string.Join(", ", faults)}";
    }

    private static string Describe(EchoReport echo) => echo.Result switch
    {
        "matched" => $"{echo.Bytes} bytes in {Time(echo.Milliseconds)} (the first in {Time(echo.FirstMilliseconds)})",
        "differs" => $"differs: {echo.Answer}",
        _ => Words(echo.Result),
    };

    private static string Describe(AnswerReport answer) => answer.Result switch
    {
        "spoke" => $"the server spoke first: {answer.Answer}",
        "silent" => $"none within {Time(SilenceCheck.Patience.TotalMilliseconds)}: the server waits for its client",
        _ => Words(answer.Result),
    };

    private static string Describe(HttpReport http)
    {
        if (http.Status is not { } status) return "no response";
        string server = http.Server is { } name ? $", the server calls itself {PeerText.Quote(name)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"HTTP/{http.Version} {status}{server}");
    }

    private static string Summary(ProbeReport report)
    {
        bool isMutual = report is { Client.Accepted: "yes", Client.Asked: true, Client.Sent: true };
        string sides = isMutual
            ? "Mutual TLS works: each side accepted the other's certificate"
            : "TLS works: the server's certificate was accepted";
        return report switch
        {
            { Http.Status: { } status, Handshake: null } =>
                FormattableString.Invariant($"The server answers HTTP without TLS: status {status}."),
            { Http.Status: { } status } => FormattableString.Invariant($"{sides}, and the server answered with status {status}."),
            { Answer: not null, Handshake: null } => "The server takes connections, without TLS.",
            { Answer: not null, Client: { Accepted: "unknown", Asked: true } } =>
                $"{sides}. The client's was not refused within {Time(SilenceCheck.Patience.TotalMilliseconds)}; "
                + "without an answer no more can be told.",
            { Answer: not null } => $"{sides}.",
            _ => EchoSummary(report),
        };
    }

    private static string EchoSummary(ProbeReport report) => report switch
    {
        { Handshake: null } => "The server echoes, without TLS.",
        { Client.Accepted: "yes", Client.Asked: true, Client.Sent: true } =>
            "Mutual TLS works: each side accepted the other's certificate, and the echo matched.",
        _ => "TLS works: the server's certificate was accepted, and the echo matched.",
    };

    private static string Validity(CertificateReport certificate) =>
        certificate.Validity is { } period ? CertificateText.Validity(period, DateTimeOffset.UtcNow) : "unreadable";

    private static string Words(string code) => code.Replace('-', ' ');

    private static string Time(double? milliseconds) => Quantity.Time(TimeSpan.FromMilliseconds(milliseconds ?? 0));
}
