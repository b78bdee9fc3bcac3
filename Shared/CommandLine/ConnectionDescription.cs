using RawEcho.Engine;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>A connection's TLS in the words of the original.</summary>
public static class ConnectionDescription
{
    /// <summary>What was negotiated and with whom, in one line, safe for a terminal.</summary>
    public static string Line(TlsDetails tls)
    {
        string peer = tls.Remote is { } remote ? PeerText.Clean(remote.Subject) : "no certificate";
        return $"Negotiated: {tls.Protocol}, {tls.CipherSuite}, {(tls.IsServer ? "client" : "server")} {peer}";
    }

    /// <summary>One fact a line, safe for a terminal.</summary>
    public static IEnumerable<string> Lines(TlsDetails tls)
    {
        yield return $"CipherSuite: {tls.CipherSuite}";
        yield return $"CipherAlgorithm: {tls.CipherAlgorithm}";
        yield return $"CipherStrength: {tls.CipherStrength}";
        yield return $"HashAlgorithm: {tls.HashAlgorithm}";
        yield return $"IsAuthenticated: {tls.IsAuthenticated}";
        yield return $"IsEncrypted: {tls.IsEncrypted}";
        yield return $"IsMutuallyAuthenticated: {tls.IsMutuallyAuthenticated}";
        yield return $"IsServer: {tls.IsServer}";
        yield return $"IsSigned: {tls.IsSigned}";
        yield return $"SslProtocol: {tls.Protocol}";
        foreach (string line in Certificate("RemoteCertificate", tls.Remote)) yield return line;
        foreach (string line in Certificate("LocalCertificate", tls.Local)) yield return line;
    }

    private static IEnumerable<string> Certificate(string name, CertificateSummary? certificate) => certificate is null
        ? [$"{name}: none"]
        :
        [
            $"{name}.Issuer: {PeerText.Clean(certificate.Issuer)}",
            $"{name}.Subject: {PeerText.Clean(certificate.Subject)}",
            $"{name}.Thumbprint: {certificate.Thumbprint}",
        ];
}
