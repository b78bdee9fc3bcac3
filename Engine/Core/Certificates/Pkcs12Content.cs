using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// What a PKCS#12 file (RFC 7292) holds. X509CertificateLoader would join keys and certificates by itself, and gives up on a key that two
/// certificates share, on a certificate that is there twice, and on a key of a kind that it does not know beside one that it does.
/// </summary>
internal sealed class Pkcs12Content
{
    private const int WrongPasswordResult = unchecked((int)0x80070056); // ERROR_INVALID_PASSWORD

    private readonly List<X509Certificate2> _certificates = [];
    private readonly List<KeyCandidate> _keys = [];

    private Pkcs12Content()
    {
    }

    /// <summary>In the order of the file, each once.</summary>
    public IReadOnlyList<X509Certificate2> Certificates => _certificates;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<KeyCandidate> Keys => _keys;

    /// <summary>True when the bytes are PKCS#12.</summary>
    public static bool IsPkcs12(FileContent file)
    {
        try
        {
            return X509Certificate2.GetCertContentType(file.Bytes.Span) == X509ContentType.Pkcs12;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Opens the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Its password; null for none.</param>
    /// <exception cref="CertificateFileException">It is none or damaged, or the password is missing or wrong.</exception>
    public static Pkcs12Content Read(FileContent file, string? password)
    {
        try
        {
            var info = Pkcs12Info.Decode(file.Bytes, out _, skipCopy: true);
            string? works = Verify(file, info, password);
            var content = new Pkcs12Content();
            foreach (Pkcs12SafeContents contents in info.AuthenticatedSafe) content.Add(contents, works);
            return content;
        }
        catch (CryptographicException e)
        {
            throw Explain(file, password, e);
        }
        catch (Exception e) when (e is not (CertificateFileException or OutOfMemoryException))
        {
            throw new CertificateFileException(file.Name, CertificateFileProblem.DamagedPkcs12, e);
        }
    }

    // No password and the empty one are two different things in PKCS#12, and the same thing for who has none.
    private static string? Verify(FileContent file, Pkcs12Info info, string? password)
    {
        switch (info.IntegrityMode)
        {
            case Pkcs12IntegrityMode.None:
                return password;
            case Pkcs12IntegrityMode.PublicKey:
                throw Unsupported(file, "a signature in place of a password");
        }

        if (Pkcs12Authentication.UnsupportedIn(file.Bytes) is { } algorithm) throw Unsupported(file, algorithm);
        if (info.VerifyMac(password)) return password;
        if (password is null && info.VerifyMac("")) return "";
        throw new CertificateFileException(
            file.Name, password is null ? CertificateFileProblem.PasswordMissing : CertificateFileProblem.WrongPassword);
    }

    private void Add(Pkcs12SafeContents contents, string? password)
    {
        if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password) contents.Decrypt(password);
        foreach (Pkcs12SafeBag bag in contents.GetBags())
        {
            switch (bag)
            {
                case Pkcs12CertBag { IsX509Certificate: true } certificate:
                    X509Certificate2 found = certificate.GetCertificate();
                    if (!_certificates.Contains(found)) _certificates.Add(found);
                    break;
                case Pkcs12ShroudedKeyBag key:
                    _keys.Add(KeyCandidate.OfEncrypted(key.EncryptedPkcs8PrivateKey, password ?? ""));
                    break;
                case Pkcs12KeyBag key:
                    _keys.Add(KeyCandidate.OfPlain(key.Pkcs8PrivateKey));
                    break;
                case Pkcs12SafeContentsBag { SafeContents: { } nested }:
                    Add(nested, password);
                    break;
            }
        }
    }

    // Behind a password that was verified, or where there is no authentication code, a failure is one of decrypting.
    private static CertificateFileException Explain(FileContent file, string? password, CryptographicException e)
    {
        if (!IsPkcs12(file)) return new CertificateFileException(file.Name, CertificateFileProblem.NotPkcs12, e);
        if (Pkcs12Authentication.UnsupportedEncryptionIn(file.Bytes) is { } algorithm) return Unsupported(file, algorithm);
        CertificateFileProblem problem = e.HResult != WrongPasswordResult && Pkcs12Authentication.IsThere(file.Bytes)
            ? CertificateFileProblem.DamagedPkcs12
            : password is null ? CertificateFileProblem.PasswordMissing : CertificateFileProblem.WrongPassword;
        return new CertificateFileException(file.Name, problem, e);
    }

    private static CertificateFileException Unsupported(FileContent file, string kind) =>
        new(file.Name, CertificateFileProblem.UnsupportedProtection) { Kind = kind };
}
