using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>Puts what was seen into findings: what is wrong, and what to do. Errors first, the deciding one before all.</summary>
internal static class Diagnosis
{
    public static IReadOnlyList<Finding> Of(ProbeFacts facts)
    {
        IEnumerable<Finding> errors =
            facts.Dialer.Connected is null ? NetworkFindings.Of(facts)
            : facts.StartTls?.Problem is { } problem ? [StartTlsFindings.Of(facts, problem)]
            : facts.Tls is { IsComplete: false } failed ? HandshakeFindings.Of(facts, failed)
            : facts.Head is { } head ? HeadFindings.Of(facts, head)
            : facts.Silence is { } silence ? SilenceFindings.Of(facts, silence)
            : EchoFindings.Of(facts);
        return [.. errors, .. Warnings(facts)];
    }

    /// <summary>What a script is told.</summary>
    public static int ExitCodeOf(IReadOnlyList<Finding> findings) =>
        findings is [{ Severity: Severity.Error } first, ..] ? first.ExitCode : ExitCode.Success;

    public static Finding Error(int exitCode, string code, string message, string? advice) =>
        new(Severity.Error, code, message, advice) { ExitCode = exitCode };

    private static IEnumerable<Finding> Warnings(ProbeFacts facts)
    {
        const int soon = 14;
        if (facts.Tls?.Server is { Verdict.Accepted: true } server)
        {
            if (CertificateReport.Of(server.Leaf, facts.Start).DaysLeft is { } days and < soon)
            {
                yield return new(
                    Severity.Warning, "server-certificate-ends-soon", $"The server's certificate ends in {Days(days)}.",
                    "Renew it before that day.");
            }
        }

        if (facts.Settings.Tls.Level == TlsLevel.Mutual && facts is { Request.Asked: false, Tls.Server.Verdict.Accepted: true })
        {
            yield return new(
                Severity.Warning, "client-certificate-not-asked",
                "The server did not ask for a client certificate: this is not mutual TLS.",
                "If it is meant to be, have the server request and verify client certificates (rawecho-server: --tls mutual).");
        }

        if (facts.Head is { Request.Status: { } status } && HeadFindings.MayBeRefusal(status))
            yield return HeadFindings.Refusal(facts, status);

        if (facts.Request.Asked == true && facts.Settings.Tls.Identity is { } own && ClientCertificateFindings.WasAccepted(facts) == true)
        {
            if (CertificateReport.Of(own.Certificate, facts.Start).DaysLeft is { } days and >= 0 and < soon)
            {
                yield return new(
                    Severity.Warning, "client-certificate-ends-soon", $"The client's certificate ends in {Days(days)}.",
                    "Renew it before that day.");
            }
        }
    }

    private static string Days(int count) => count switch
    {
        0 => "less than a day",
        1 => "1 day",
        _ => $"{count} days",
    };
}
