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

    /// <summary>It holds a certificate in PEM that cannot be read.</summary>
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

    /// <summary>
    /// Its private key is encrypted, and either the password is wrong or the key is not that of
    /// <see cref="CertificateFileException.CertificateFile"/>: the platform does not always tell the two apart.
    /// </summary>
    WrongPasswordOrKey,

    /// <summary>Its private key is not that of <see cref="CertificateFileException.CertificateFile"/>, or cannot be read.</summary>
    KeyMismatch,

    /// <summary>It is not a PKCS#12 file.</summary>
    NotPkcs12,

    /// <summary>It is a PKCS#12 file that needs a password, and none was given.</summary>
    PasswordMissing,

    /// <summary>It is a PKCS#12 file, and the password is wrong.</summary>
    WrongPassword,

    /// <summary>It is not text in UTF-8.</summary>
    NotText,

    /// <summary>The line <see cref="CertificateFileException.Line"/> is no entry of an allow-list (<see cref="PeerAllowList"/>).</summary>
    NotAllowListEntry,

    /// <summary>A revocation list in it cannot be relied on: <see cref="CertificateFileException.RevocationList"/> says why.</summary>
    UnusableRevocationList,
}
