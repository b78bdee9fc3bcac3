using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Probe;

/// <summary>Why the server did not let this client in.</summary>
internal static class ClientCertificateFindings
{
    private const string RefusedCode = "client-certificate-refused";
    private const ushort Tls12 = 0x0303;

    /// <summary>What the server made of the client's certificate: null while that is not known.</summary>
    public static bool? WasAccepted(ProbeFacts facts)
    {
        if (facts.Tls is null or { Server.Verdict.Accepted: false }) return null;
        if (facts.Contact is { } contact)
        {
            // Whatever the server sends in answer, it has let the client in.
            if (contact.First is not null || contact.Answer.Length > 0) return true;
            if (contact.End is EchoEnd.Alert or EchoEnd.CutOff) return false;
            // Before TLS 1.3 the server is done with the certificate when the handshake is (RFC 5246 section 7.3).
            return contact.End == EchoEnd.Silent && facts.Silence is not null && facts.Tls.Plain.Version <= Tls12 ? true : null;
        }

        return facts.Tls is { IsComplete: false, Server: not null, TimedOut: false } ? false : null;
    }

    /// <summary>The findings for a connection that the server ended where it looks at the client's certificate.</summary>
    /// <param name="facts">What was seen.</param>
    /// <param name="alert">What the server said; null when it ended the connection without a word, as .NET does on Linux.</param>
    public static IEnumerable<Finding> Refused(ProbeFacts facts, TlsAlert? alert)
    {
        TlsIdentity? own = facts.Settings.Tls.Identity;
        if (facts.Request.Asked == false && alert is not { IsAboutCertificate: true })
        {
            string how = alert is { } said ? $"with the alert {said.Name}" : "without a goodbye";
            yield return Diagnosis.Error(
                ExitCode.ConnectionLost, "connection-lost",
                $"The server ended the connection right after the handshake, {how}. It had not asked for a client certificate.",
                "Its log says why.");
            yield break;
        }

        if (own is null)
        {
            string message = alert is null
                ? "The server ended the connection where a client certificate is due: it probably requires one, and none was shown."
                : $"The server requires a client certificate, and none was shown (alert {alert.Value.Name}).";
            yield return Diagnosis.Error(
                ExitCode.TlsRefused, "client-certificate-required", message,
                $"Show one: --tls mutual with --cert and --key.{From(facts.Request.Authorities)}");
            yield break;
        }

        PeerVerdict doubt = PeerVerifier.EvaluateOwn(own.Certificate, PeerRole.Client);
        bool foreign = IsForeign(own, facts.Request.Authorities);
        bool explained = !doubt.Accepted || foreign;
        string refused = alert is { } a
            ? $"The server refused the client's certificate: {a.Meaning ?? "it does not say why"} (alert {a.Name})."
            : "The server ended the connection right after it was shown the client's certificate: it has probably refused it.";
        yield return Diagnosis.Error(
            ExitCode.TlsRefused, RefusedCode, refused,
            explained ? null : "The server's log says why. Its list of trusted CAs must hold the one that signed this certificate.");
        if (doubt.Problem is { } problem)
        {
            yield return Diagnosis.Error(
                ExitCode.TlsRefused, "client-certificate-unfit",
                $"The client's certificate is not fit: {ProblemText.Of(problem, owner: "The")}",
                "Name another one with --cert, or have it made anew.");
        }

        if (foreign)
        {
            yield return Diagnosis.Error(
                ExitCode.TlsRefused, "client-certificate-foreign",
                $"The client's certificate is signed by {own.Certificate.Issuer}, and the server did not name that CA.",
                $"Show a certificate of a CA that it accepts, or add this CA to the server's.{From(facts.Request.Authorities)}");
        }
    }

    private static string From(IReadOnlyList<string> authorities) =>
        authorities.Count == 0 ? string.Empty : $" It accepts certificates from {PeerText.List(authorities, "; ")}.";

    // A server that names no CA takes any.
    private static bool IsForeign(TlsIdentity own, IReadOnlyList<string> authorities) =>
        authorities.Count > 0
        && !own.Intermediates.Prepend(own.Certificate).Any(c => authorities.Any(a => DistinguishedName.AreSame(c.IssuerName, a)));
}
