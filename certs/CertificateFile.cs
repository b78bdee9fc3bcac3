using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
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
    public static X509Certificate2Collection Read(string file, string? password)
    {
        byte[] bytes = TrustStore.ReadBytes(file);
        if (bytes.Length == 0) throw Refuse(file, "is empty");
        try
        {
            if (bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0) return ReadPem(file, bytes);
            if (X509Certificate2.GetCertContentType(bytes) != X509ContentType.Pkcs12) return [X509CertificateLoader.LoadCertificate(bytes)];
        }
        catch (CryptographicException)
        {
            throw Refuse(file, "holds no certificate in PEM, DER or PKCS#12 that can be read");
        }

        try
        {
            // Keys that are only looked at should not reach the key store of the machine; macOS knows no other place.
            X509KeyStorageFlags keep = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
            return X509CertificateLoader.LoadPkcs12Collection(bytes, password, keep);
        }
        catch (CryptographicException e)
        {
            throw new CertificateFileException(
                file, password is null ? CertificateFileProblem.PasswordMissing : CertificateFileProblem.WrongPassword, e);
        }
    }

    private static X509Certificate2Collection ReadPem(string file, byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        if (certificates.Count == 0 && !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw Refuse(file, "holds no certificate");
        return certificates;
    }

    private static CommandException Refuse(string file, string problem) => new(ExitCode.Certificate, $"{file}: {problem}.");
}
