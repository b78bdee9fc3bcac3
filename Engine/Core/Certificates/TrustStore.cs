using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>Reads files of certificates.</summary>
public static class TrustStore
{
    /// <summary>Reads the roots to trust: a PEM file with one or more, or one in DER. The file is read once, so it may be a pipe.</summary>
    /// <exception cref="CertificateFileException">The file is missing, unreadable, or holds no certificate.</exception>
    public static X509Certificate2Collection Read(string file)
    {
        byte[] bytes = ReadBytes(file);
        if (!IsDer(bytes)) return ParsePem(file, Encoding.UTF8.GetString(bytes));
        try
        {
            return [X509CertificateLoader.LoadCertificate(bytes)];
        }
        catch (CryptographicException e)
        {
            throw new CertificateFileException(file, "is not a certificate.", e);
        }
    }

    /// <summary>Reads a whole file, and says in words why it cannot.</summary>
    /// <exception cref="CertificateFileException">The file is missing or unreadable.</exception>
    public static byte[] ReadBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateFileException(file, "no such file.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CertificateFileException(file, Directory.Exists(file) ? "is a directory, not a file." : "no permission to read it.", e);
        }
        catch (IOException e)
        {
            throw new CertificateFileException(file, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>True for DER (and so for PKCS#12), which begins with a SEQUENCE of some length; PEM is text.</summary>
    internal static bool IsDer(ReadOnlySpan<byte> bytes) => bytes is [0x30, >= 0x80, ..];

    internal static string ReadText(string file) => Encoding.UTF8.GetString(ReadBytes(file));

    internal static X509Certificate2Collection ParsePem(string file, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new CertificateFileException(file, "holds a certificate that cannot be read.", e);
        }

        if (certificates.Count == 0) throw new CertificateFileException(file, "holds no certificate (expected PEM: -----BEGIN CERTIFICATE-----).");
        return certificates;
    }
}
