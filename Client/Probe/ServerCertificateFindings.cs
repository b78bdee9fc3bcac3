using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Probe;

/// <summary>What is wrong with the server's certificates, all of it, and what to do about each.</summary>
internal static class ServerCertificateFindings
{
    public static IEnumerable<Finding> Of(ServerChain server, ProbeSettings settings)
    {
        foreach (CertificateProblem problem in server.Faults)
        {
            string message = ProblemText.Of(problem, owner: "The server's");
            yield return Diagnosis.Error(ExitCode.TlsRefused, CodeOf(problem.Fault), message, AdviceFor(problem, server, settings));
        }
    }

    // server-certificate-expired, server-certificate-name-mismatch, ...
    private static string CodeOf(CertificateFault fault) =>
        $"server-certificate{string.Concat(fault.ToString().Select(c => char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : c.ToString()))}";

    private static string? AdviceFor(CertificateProblem problem, ServerChain server, ProbeSettings settings) => problem.Fault switch
    {
        // The file of trusted CAs is this side's own, as the message says: no server can mend it.
        _ when problem.IsRoot => null,
        CertificateFault.Expired =>
            $"Renew the certificate that has expired{AtTheServer(problem)}. If it has not: check this machine's clock.",
        CertificateFault.NotYetValid => "Wait for that day, or have it made anew. If it should be valid: check this machine's clock.",
        CertificateFault.UntrustedIssuer => AdviceForIssuer(server, settings),
        CertificateFault.NameMismatch =>
            "Dial the server by a name it is made for, give that name with --server-name, "
                + $"or have the certificate made for '{settings.ServerName}' too.",
        CertificateFault.WrongPurpose when problem.Position > 0 =>
            "Have the certificate signed by a CA that may sign for servers, or that CA's certificate made anew.",
        CertificateFault.WrongPurpose => "Have it made with the extended key usage serverAuth ('rawecho-certs create' does).",
        CertificateFault.AuthorityAsPeer => "Give the server a certificate of its own, signed by that CA.",
        CertificateFault.WrongKeyUsage => "Have it made with the key usage digitalSignature.",
        CertificateFault.WeakKey => "Have it made with ECDSA P-256, or with RSA from 2,048 bits.",
        CertificateFault.WeakSignature => "Have it signed with SHA-256 or better.",
        CertificateFault.BadSignature =>
            "A certificate was changed after it was signed, or a CA of the same name has another key: "
                + "compare the server's chain with --ca.",
        CertificateFault.ChainTooLong => "Have it signed by a CA nearer to the root.",
        CertificateFault.InvalidChain or CertificateFault.Malformed => "Have the certificate that is named made anew.",
        _ => null,
    };

    // An intermediate may also be one that this side has in its own file.
    private static string AtTheServer(CertificateProblem problem) => problem.Position > 0
        ? ", and let the server send the new one (or put it into --ca, if it is from there)"
        : ", and restart the server with it";

    private static string AdviceForIssuer(ServerChain server, ProbeSettings settings)
    {
        string trusted = PeerText.List([.. settings.Tls.TrustedRoots.Select(r => r.Subject)]);
        CertificateReport leaf = CertificateReport.Of(server.Leaf, DateTimeOffset.UtcNow);
        // A server that sends its own certificate alone may have an intermediate CA between it and a trusted root.
        string missing = server.Intermediates.Count == 0 && leaf.Issuer != leaf.Subject
            ? $", or let the server send the intermediate certificate {leaf.Issuer} along with its own"
            : string.Empty;
        return $"Trusted here (--ca): {trusted}. If the server's CA is to be trusted, name its file with --ca{missing}.";
    }
}
