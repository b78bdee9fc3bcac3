using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Puts what was seen and what it means into the report.</summary>
internal static class ReportBuilder
{
    private const ushort Tls12 = 0x0303;

    private static readonly Finding Interrupted = Diagnosis.Error(
        ExitCode.Interrupted, "interrupted", "The probe was interrupted before it was over.", "What is missing above was not looked at.");

    /// <param name="facts">What was seen.</param>
    /// <param name="isInterrupted">The user ended the probe: what was not seen by then says nothing.</param>
    public static ProbeReport Build(ProbeFacts facts, bool isInterrupted)
    {
        ProbeSettings settings = facts.Settings;
        IReadOnlyList<Finding> findings = isInterrupted ? [Interrupted] : Diagnosis.Of(facts);
        int exitCode = Diagnosis.ExitCodeOf(findings);
        return new ProbeReport
        {
            Time = facts.Start,
            Target = new(
                settings.Server.ToString(), settings.ServerName, settings.Tls.Level.ToString().ToLowerInvariant(),
                settings.Tls.Protocols.HasFlag(SslProtocols.Tls12) ? "1.2" : "1.3")
            {
                Url = settings.Url?.ToString(),
                StartTls = settings.StartTls?.Name,
                ApplicationProtocols = [.. settings.Protocols.Select(p => p.ToString())],
            },
            Outcome = exitCode == 0 ? "ok" : findings[0].Code,
            ExitCode = exitCode,
            Interrupted = isInterrupted,
            Addresses = [.. facts.Dialer.Attempts.Select(Of)],
            StartTls = facts.StartTls is { Time: { } time } step
                ? new StartTlsReport(step.Problem is null ? "accepted" : Code(step.Problem.Fault.ToString()), time.TotalMilliseconds)
                : null,
            Handshake = facts.Tls is { } tls && facts.StartTls?.Problem is null ? Of(tls, facts.Resumption) : null,
            Server = facts.Tls?.Server is { } server ? Of(server, facts) : null,
            Client = facts.Tls?.Server is null ? null : Client(facts, facts.Tls),
            Echo = facts.Echo is { } echo ? Of(echo) : null,
            Answer = facts.Silence is { } silence ? AnswerOf(silence) : null,
            Http = facts.Head is { } head ? Of(head) : null,
            Findings = findings,
            Notes = [.. settings.Tls.Notes.Select(n => n.ToString())],
        };
    }

    private static AddressReport Of(AddressAttempt attempt) => new(
        attempt.Address.ToString(),
        attempt.Time is null ? "not-tried" : attempt.Failure is null ? "connected" : "failed",
        Milliseconds(attempt.Time),
        attempt.Failure?.Message)
    {
        Reason = attempt.Failure is { } failure ? Reason(failure) : null,
    };

    // Read behind the address, so without it.
    private static string Reason(ConnectException failure) => failure.Error switch
    {
        SocketError.ConnectionRefused => "refused the connection: nothing listens there.",
        SocketError.TimedOut when failure.Waited is { } time =>
            string.Create(CultureInfo.InvariantCulture, $"did not answer within {time.TotalMilliseconds:N0} ms."),
        SocketError.TimedOut => "did not answer in time.",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "cannot be reached from this machine.",
        _ => failure.Message,
    };

    private static HandshakeReport Of(TlsAttempt tls, ResumptionReport? resumption) => new(
        tls.IsComplete ? "complete" : tls.TimedOut ? "timed-out" : tls.Server is { Verdict.Accepted: false } ? "refused" : "failed",
        tls.Time.TotalMilliseconds,
        tls.Plain.Version is { } version ? ProbeFacts.NameOfVersion(version) : null,
        tls.Plain.CipherSuite is { } suite ? NameOf(suite) : null,
        resumption)
    {
        ApplicationProtocol = tls.ApplicationProtocol,
    };

    private static ServerReport Of(ServerChain server, ProbeFacts facts) => new(
        server.Verdict.Accepted,
        [.. server.Intermediates.Prepend(server.Leaf).Select(c => CertificateReport.Of(c, facts.Start))],
        server.Root);

    private static ClientReport Client(ProbeFacts facts, TlsAttempt tls)
    {
        bool? asked = facts.Request.Asked;
        X509Certificate2? own = facts.Settings.Tls.Identity?.Certificate;
        // Under TLS 1.2 a handshake that reached the request shows the certificate before it can fail over it.
        bool? sent = own is null || asked == false ? false
            : tls.IsComplete ? tls.HasShownCertificate
            : tls.Server is { Verdict.Accepted: true } && tls.Plain.Version <= Tls12 ? true : null;
        string accepted = asked == false ? "not-asked" : ClientCertificateFindings.WasAccepted(facts) switch
        {
            true => "yes",
            false when facts.Contact is { End: EchoEnd.Alert } || TlsAlert.In(tls.Failure) is not null => "no",
            false => "probably-not",
            null => "unknown",
        };
        return new(asked, facts.Request.Authorities, own is null ? null : CertificateReport.Of(own, facts.Start), sent, accepted);
    }

    private static EchoReport Of(EchoResult echo)
    {
        string result = echo.End switch
        {
            EchoEnd.Echoed => "matched",
            EchoEnd.Differs => "differs",
            EchoEnd.Closed => "closed",
            EchoEnd.Silent => "timed-out",
            _ => "cut-off",
        };
        string? answer = echo.Answer.Length == 0 ? null : Banner.Quote(echo.Answer);
        return new(result, EchoCheck.Size, Milliseconds(echo.First), Milliseconds(echo.Best), answer);
    }

    private static AnswerReport AnswerOf(EchoResult silence)
    {
        string result = silence.End switch
        {
            EchoEnd.Echoed => "spoke",
            EchoEnd.Silent => "silent",
            EchoEnd.Closed => "closed",
            _ => "cut-off",
        };
        return new(result, silence.Answer.Length == 0 ? null : Banner.Quote(silence.Answer));
    }

    private static HttpReport Of(HeadResult head) => new(
        head.Request.Status,
        head.Request.Version is { } version ? version.ToString(version.Minor == 0 ? 1 : 2) : null,
        head.Request.Server);

    private static string Code(string word) => word.ToLowerInvariant();

    private static string NameOf(ushort suite) => Enum.IsDefined((TlsCipherSuite)suite)
        ? ((TlsCipherSuite)suite).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"0x{suite:X4}");

    private static double? Milliseconds(TimeSpan? time) => time?.TotalMilliseconds;
}
