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
            throw new CertificateFileException(file, CertificateFileProblem.NotCertificate, e);
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CertificateFileException">The file is missing or unreadable.</exception>
    public static byte[] ReadBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateFileException(file, CertificateFileProblem.NotFound, e);
        }
        catch (UnauthorizedAccessException e)
        {
            CertificateFileProblem problem = Directory.Exists(file)
                ? CertificateFileProblem.IsDirectory
                : CertificateFileProblem.NoPermission;
            throw new CertificateFileException(file, problem, e);
        }
        catch (IOException e)
        {
            throw new CertificateFileException(file, CertificateFileProblem.Unreadable, e);
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
            throw new CertificateFileException(file, CertificateFileProblem.DamagedCertificate, e);
        }

        return certificates.Count > 0 ? certificates : throw new CertificateFileException(file, CertificateFileProblem.NoCertificate);
    }
}
