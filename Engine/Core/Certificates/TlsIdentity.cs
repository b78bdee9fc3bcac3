using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>What one side shows: its certificate with the private key, and the intermediates that lead to the root.</summary>
public sealed class TlsIdentity : IDisposable
{
    private TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        Certificate = certificate;
        Intermediates = intermediates;
    }

    /// <summary>The certificate; it has its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Certificates sent along, in the order of the file.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>Takes a certificate that is in memory, or in a store of the system.</summary>
    /// <param name="certificate">With its private key. Belongs to the identity from now on, which disposes it.</param>
    /// <param name="intermediates">Certificates sent along; they belong to the identity too. Null for none.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public static TlsIdentity FromCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey) throw new ArgumentException("The certificate has no private key.", nameof(certificate));
        return new TlsIdentity(MadeUsable(certificate), intermediates ?? []);
    }

    /// <summary>Reads what a user named: a PFX with its key, or a PEM certificate whose key is in the same file or in another.</summary>
    /// <param name="certificateFile">The certificate's file.</param>
    /// <param name="keyFile">The key's file; null when the certificate's holds it.</param>
    /// <param name="password">Of the PFX or of an encrypted key; null for none.</param>
    /// <exception cref="CertificateFileException">A file is missing, unreadable, something else, or the two do not match.</exception>
    public static TlsIdentity Load(string certificateFile, string? keyFile, string? password)
    {
        if (keyFile is not null) return FromPem(certificateFile, keyFile, password);
        byte[] bytes = TrustStore.ReadBytes(certificateFile);
        if (TrustStore.IsDer(bytes)) return FromPfx(certificateFile, bytes, password);
        string text = Encoding.UTF8.GetString(bytes);
        X509Certificate2Collection certificates = TrustStore.ParsePem(certificateFile, text);
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CertificateFileException(certificateFile, CertificateFileProblem.KeyMissing);
        return FromPem(certificateFile, certificates, certificateFile, text, password);
    }

    /// <summary>Reads a PEM certificate (with intermediates behind it, if there are any) and its PEM key.</summary>
    /// <param name="certificateFile">The certificate's file.</param>
    /// <param name="keyFile">The key's file; may be the same.</param>
    /// <param name="password">For an encrypted key; null for a plain one.</param>
    /// <exception cref="CertificateFileException">A file is missing, unreadable, something else, or the two do not match.</exception>
    public static TlsIdentity FromPem(string certificateFile, string keyFile, string? password = null)
    {
        X509Certificate2Collection certificates = TrustStore.ParsePem(certificateFile, TrustStore.ReadText(certificateFile));
        return FromPem(certificateFile, certificates, keyFile, TrustStore.ReadText(keyFile), password);
    }

    private static TlsIdentity FromPem(
        string certificateFile, X509Certificate2Collection certificates, string keyFile, string key, string? password)
    {
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CertificateFileException(keyFile, CertificateFileProblem.NoPemKey);
        bool encrypted = key.Contains("ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (encrypted && password is null)
            throw new CertificateFileException(keyFile, CertificateFileProblem.KeyEncrypted);

        string certificate = certificates[0].ExportCertificatePem();
        try
        {
            X509Certificate2 joined = encrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, key, password)
                : X509Certificate2.CreateFromPem(certificate, key);
            certificates.RemoveAt(0);
            return new TlsIdentity(MadeUsable(joined), certificates);
        }
        catch (CryptographicException e) when (encrypted)
        {
            throw new CertificateFileException(keyFile, CertificateFileProblem.WrongPasswordOrKey, e) { CertificateFile = certificateFile };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateFileException(keyFile, CertificateFileProblem.KeyMismatch, e) { CertificateFile = certificateFile };
        }
    }

    /// <summary>Reads a PKCS#12 file (.pfx, .p12) with certificate, key and intermediates.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Its password; null for none.</param>
    /// <exception cref="CertificateFileException">The file is missing, unreadable, something else, or the password is wrong.</exception>
    public static TlsIdentity FromPfx(string file, string? password = null) => FromPfx(file, TrustStore.ReadBytes(file), password);

    private static TlsIdentity FromPfx(string file, byte[] bytes, string? password)
    {
        X509Certificate2Collection all;
        try
        {
            // On Windows SslStream needs a key that has a name, and macOS knows no other; on Linux the key stays in memory.
            X509KeyStorageFlags keep = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? X509KeyStorageFlags.DefaultKeySet
                : X509KeyStorageFlags.EphemeralKeySet;
            all = X509CertificateLoader.LoadPkcs12Collection(bytes, password, keep);
        }
        catch (CryptographicException e)
        {
            CertificateFileProblem problem = !IsPkcs12(bytes) ? CertificateFileProblem.NotPkcs12
                : password is null ? CertificateFileProblem.PasswordMissing
                : CertificateFileProblem.WrongPassword;
            throw new CertificateFileException(file, problem, e);
        }

        X509Certificate2 own = all.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new CertificateFileException(file, CertificateFileProblem.NoPrivateKey);
        all.Remove(own);
        var intermediates = new X509Certificate2Collection(all.Where(c => c.Subject != c.Issuer).ToArray());
        return new TlsIdentity(own, intermediates);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        foreach (X509Certificate2 c in Intermediates) c.Dispose();
    }

    // A key that came from PEM is ephemeral, and SslStream on Windows cannot use one: there it takes the way through PKCS#12.
    private static X509Certificate2 MadeUsable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    private static bool IsPkcs12(byte[] bytes)
    {
        try
        {
            return X509Certificate2.GetCertContentType(bytes) == X509ContentType.Pkcs12;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
