using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>Reads certificates from a file whatever its form. Reads it once, so that a pipe will do (show &lt;(...)).</summary>
internal static class CertificateFile
{
    /// <summary>Certificates of a PEM, DER or PKCS#12 file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">For PKCS#12; null for none.</param>
    /// <returns>At least one; or none when the file holds a private key and nothing else.</returns>
    /// <exception cref="CertificateFileException">The file cannot be read, or its password is missing or wrong.</exception>
    /// <exception cref="CommandException">The file is something else.</exception>
    public static X509Certificate2Collection Read(string file, string? password) => Parse(file, FileContent.Read(file), password);

    /// <summary>The same for a file that was read already.</summary>
    public static X509Certificate2Collection Parse(string file, FileContent content, string? password)
    {
        if (content.Bytes.IsEmpty) throw Refuse(file, "is empty");
        try
        {
            X509Certificate2Collection certificates = TrustStore.ParseAny(content, password);
            if (certificates.Count == 0 && content.Bytes.Span.IndexOf("PRIVATE KEY-----"u8) < 0) throw Refuse(file, "holds no certificate");
            return certificates;
        }
        catch (CertificateFileException e) when (e.Problem == CertificateFileProblem.NotCertificate)
        {
            throw Refuse(file, "holds no certificate in PEM, DER or PKCS#12 that can be read");
        }
    }

    private static CommandException Refuse(string file, string problem) => new(ExitCode.Certificate, $"{file}: {problem}.");
}
