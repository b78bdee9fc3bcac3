namespace RawEcho.Engine.Certificates;

/// <summary>What is wrong with a file of certificates, keys, revocation lists or allow-list entries.</summary>
public enum CertificateFileProblem
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>It is a directory.</summary>
    IsDirectory,

    /// <summary>This process may not read it.</summary>
    NoPermission,

    /// <summary>It cannot be read for another reason: the inner exception has the platform's words.</summary>
    Unreadable,

    /// <summary>It holds no certificate in PEM.</summary>
    NoCertificate,

    /// <summary>It holds a certificate that cannot be read; in PEM on the line <see cref="CertificateFileException.Line"/>.</summary>
    DamagedCertificate,

    /// <summary>It looks like DER and is no certificate.</summary>
    NotCertificate,

    /// <summary>It holds a certificate without its private key, and no other file was named for the key.</summary>
    KeyMissing,

    /// <summary>It is a PKCS#12 file without a private key.</summary>
    NoPrivateKey,

    /// <summary>It holds no private key in PEM.</summary>
    NoPemKey,

    /// <summary>Its private key is encrypted, and no password was given.</summary>
    KeyEncrypted,

    /// <summary>Its private key is not that of <see cref="CertificateFileException.CertificateFile"/>.</summary>
    KeyMismatch,

    /// <summary>It is not a PKCS#12 file.</summary>
    NotPkcs12,

    /// <summary>It is a PKCS#12 file that needs a password, and none was given.</summary>
    PasswordMissing,

    /// <summary>It is a PKCS#12 file or an encrypted key, and the password is wrong.</summary>
    WrongPassword,

    /// <summary>It is not text in UTF-8.</summary>
    NotText,

    /// <summary>The line <see cref="CertificateFileException.Line"/> is no entry of an allow-list (<see cref="PeerAllowList"/>).</summary>
    NotAllowListEntry,

    /// <summary>A revocation list in it cannot be relied on: <see cref="CertificateFileException.RevocationList"/> says why.</summary>
    UnusableRevocationList,

    /// <summary>A block of PEM in it cannot be read: <see cref="CertificateFileException.Pem"/> says why.</summary>
    DamagedPem,

    /// <summary>
    /// It holds a block of PEM that holds certificates in another form than PEM's own: <see cref="CertificateFileException.Label"/> says
    /// which.
    /// </summary>
    OtherForm,

    /// <summary>It is text in UTF-16.</summary>
    Utf16,

    /// <summary>It is a pipe, where only a file can be read.</summary>
    IsPipe,

    /// <summary>It is a socket.</summary>
    IsSocket,

    /// <summary>It is a device.</summary>
    IsDevice,

    /// <summary>It is larger than <see cref="FileContent.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>It is a pipe that did not give what it has within <see cref="FileContent.PipeTimeout"/>.</summary>
    TimedOut,

    /// <summary>Its key is of a kind that TLS cannot be done with here: see <see cref="CertificateFileException.Kind"/>.</summary>
    UnsupportedKey,

    /// <summary>
    /// It is protected in a way that the platform cannot undo, whatever the password: see <see cref="CertificateFileException.Kind"/>.
    /// </summary>
    UnsupportedProtection,

    /// <summary>Its private key cannot be read: it is damaged.</summary>
    DamagedKey,

    /// <summary>It is a damaged PKCS#12 file.</summary>
    DamagedPkcs12,

    /// <summary>
    /// The platform does not take its private key, which is damaged, or of a kind that the platform cannot use: the inner exception has the
    /// platform's words.
    /// </summary>
    RefusedKey,
}
