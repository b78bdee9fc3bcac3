using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

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

    /// <summary>Certificates sent along, from the certificate upwards.</summary>
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
    public static TlsIdentity Load(string certificateFile, string? keyFile, string? password) =>
        Load(FileContent.Read(certificateFile), keyFile is null ? null : FileContent.Read(keyFile), password);

    /// <summary>Takes what was read: a PFX with its key, or a certificate whose key is in the same file or in another.</summary>
    /// <param name="certificateFile">The certificate's file.</param>
    /// <param name="keyFile">The key's file; null when the certificate's holds it.</param>
    /// <param name="password">Of the PFX or of an encrypted key; null for none.</param>
    /// <exception cref="CertificateFileException">A file is damaged, something else, or the two do not match.</exception>
    public static TlsIdentity Load(FileContent certificateFile, FileContent? keyFile, string? password)
    {
        if (keyFile is not null) return FromPem(certificateFile, keyFile, password);
        if (TrustStore.IsDer(certificateFile.Bytes.Span)) return FromPfx(certificateFile, password);
        IReadOnlyList<PemBlock> blocks = PemText.Read(certificateFile);
        X509Certificate2Collection certificates = TrustStore.OfBlocks(certificateFile, blocks, mayBeNone: false);
        KeyCandidate[] keys = [.. blocks.Select(b => KeyCandidate.Of(b, password)).OfType<KeyCandidate>()];
        if (keys.Length == 0) throw new CertificateFileException(certificateFile.Name, CertificateFileProblem.KeyMissing);
        return Join(certificateFile.Name, [.. certificates], certificateFile.Name, keys);
    }

    /// <summary>Reads a certificate (with intermediates beside it, if there are any) and its key; both in PEM or DER.</summary>
    /// <param name="certificateFile">The certificate's file.</param>
    /// <param name="keyFile">The key's file; may be the same.</param>
    /// <param name="password">For an encrypted key; null for a plain one.</param>
    /// <exception cref="CertificateFileException">A file is missing, unreadable, something else, or the two do not match.</exception>
    public static TlsIdentity FromPem(string certificateFile, string keyFile, string? password = null) =>
        FromPem(FileContent.Read(certificateFile), FileContent.Read(keyFile), password);

    private static TlsIdentity FromPem(FileContent certificateFile, FileContent keyFile, string? password)
    {
        X509Certificate2Collection certificates = TrustStore.Parse(certificateFile);
        if (TrustStore.IsDer(keyFile.Bytes.Span))
            return Join(certificateFile.Name, [.. certificates], keyFile.Name, [KeyCandidate.OfDer(keyFile.Bytes, password)]);
        IReadOnlyList<PemBlock> blocks = PemText.Read(keyFile);
        KeyCandidate[] keys = [.. blocks.Select(b => KeyCandidate.Of(b, password)).OfType<KeyCandidate>()];
        if (keys.Length > 0) return Join(certificateFile.Name, [.. certificates], keyFile.Name, keys);
        string? found = blocks.Count > 0 ? blocks[0].Label : null;
        throw new CertificateFileException(keyFile.Name, CertificateFileProblem.NoPemKey) { Found = found };
    }

    /// <summary>Reads a PKCS#12 file (.pfx, .p12) with certificate, key and intermediates.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Its password; null for none.</param>
    /// <exception cref="CertificateFileException">The file is missing, unreadable, something else, or the password is wrong.</exception>
    public static TlsIdentity FromPfx(string file, string? password = null) => FromPfx(FileContent.Read(file), password);

    private static TlsIdentity FromPfx(FileContent file, string? password)
    {
        Pkcs12Content content = Pkcs12Content.Read(file, password);
        if (content.Keys.Count == 0) throw new CertificateFileException(file.Name, CertificateFileProblem.NoPrivateKey);
        if (content.Certificates.Count == 0)
            throw new CertificateFileException(file.Name, CertificateFileProblem.NoCertificate) { Kind = "PKCS#12" };
        TlsIdentity identity = Join(file.Name, content.Certificates, file.Name, content.Keys);
        foreach (X509Certificate2 root in identity.Intermediates.Where(c => c.Subject == c.Issuer).ToArray())
            identity.Intermediates.Remove(root);
        return identity;
    }

    private static TlsIdentity Join(
        string certificateFile, IReadOnlyList<X509Certificate2> certificates, string keyFile, IReadOnlyList<KeyCandidate> keys)
    {
        try
        {
            if (IdentityMatch.Find(certificates, keys) is { } found) return new TlsIdentity(MadeUsable(found.Own), found.Others);
        }
        catch (CryptographicException e) when (PlatformRefusal.Is(e))
        {
            throw new CertificateFileException(keyFile, CertificateFileProblem.RefusedKey, e) { CertificateFile = certificateFile };
        }
        finally
        {
            foreach (KeyCandidate key in keys) key.Key?.Dispose();
        }

        // Of several keys the one that could not be read is the one that may fit.
        KeyCandidate? unread = keys.FirstOrDefault(k => k.Problem is not null);
        throw new CertificateFileException(keyFile, unread?.Problem ?? CertificateFileProblem.KeyMismatch, unread?.Cause)
        {
            CertificateFile = certificateFile,
            Kind = unread?.Kind,
            Line = unread?.Line,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        foreach (X509Certificate2 c in Intermediates) c.Dispose();
    }

    // A key that came from PEM is ephemeral, and SslStream on Windows cannot use one: there it takes the way through PKCS#12. One that lies
    // in a store of the system is used as it is: it may not be exported.
    private static X509Certificate2 MadeUsable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows() || !HasEphemeralKey(certificate)) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    [SupportedOSPlatform("windows")]
    private static bool HasEphemeralKey(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey();
        return key switch
        {
            RSACng rsa => IsEphemeral(rsa.Key),
            ECDsaCng ec => IsEphemeral(ec.Key),
            // Of a provider from before CNG: always in a store.
            _ => false,
        };

        static bool IsEphemeral(CngKey key)
        {
            using (key) return key.IsEphemeral;
        }
    }
}
