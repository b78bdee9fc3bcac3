using System.Globalization;

namespace RawEcho.Engine.Certificates;

/// <summary>Thrown when a certificate or key file is of no use; the message is one sentence made of the problem and its facts.</summary>
/// <param name="file">The file.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="cause">What the platform reported; null where it did not report anything.</param>
public sealed class CertificateFileException(string file, CertificateFileProblem problem, Exception? cause = null)
    : IOException(null, cause)
{
    /// <summary>The file, as it was named.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong with it.</summary>
    public CertificateFileProblem Problem { get; } = problem;

    /// <summary>The file of the certificate that a key should belong to; null where the problem is not one of a key.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The line that is wrong, counted from 1; null where the problem is not one of a line.</summary>
    public int? Line { get; init; }

    /// <summary>
    /// What is wrong with a revocation list; <see cref="RevocationListProblem.None"/> where the problem is not one of a list.
    /// </summary>
    public RevocationListProblem RevocationList { get; init; }

    /// <summary>The distinguished name of the CA that a revocation list names as its issuer; null where that does not matter.</summary>
    public string? Issuer { get; init; }

    /// <summary>
    /// The object identifier of a critical extension that is not known; null where the problem is not one of an extension.
    /// </summary>
    public string? Extension { get; init; }

    /// <inheritdoc/>
    public override string Message => $"{File}: {Describe()}";

    private string Describe() => Problem switch
    {
        CertificateFileProblem.NotFound => "no such file.",
        CertificateFileProblem.IsDirectory => "is a directory, not a file.",
        CertificateFileProblem.NoPermission => "no permission to read it.",
        CertificateFileProblem.NoCertificate => "holds no certificate (expected PEM: -----BEGIN CERTIFICATE-----).",
        CertificateFileProblem.DamagedCertificate => "holds a certificate that cannot be read.",
        CertificateFileProblem.NotCertificate => "is not a certificate.",
        CertificateFileProblem.KeyMissing => "holds no private key, and no other file was named for it.",
        CertificateFileProblem.NoPrivateKey => "holds no private key.",
        CertificateFileProblem.NoPemKey => "holds no PEM private key.",
        CertificateFileProblem.KeyEncrypted => "the key is encrypted, and no password was given.",
        CertificateFileProblem.WrongPasswordOrKey =>
            $"cannot be opened: the password is wrong, or the key does not belong to {CertificateFile}.",
        CertificateFileProblem.KeyMismatch => $"is not the key of {CertificateFile}, or not a key at all.",
        CertificateFileProblem.NotPkcs12 => "is not a PKCS#12 file.",
        CertificateFileProblem.PasswordMissing => "cannot be opened without its password.",
        CertificateFileProblem.WrongPassword => "the password is wrong.",
        CertificateFileProblem.NotText => "is not text in UTF-8.",
        CertificateFileProblem.NotAllowListEntry =>
            string.Create(CultureInfo.InvariantCulture, $"line {Line} is not cn:NAME, dns:NAME, uri:URI or sha256:HEX."),
        CertificateFileProblem.UnusableRevocationList => DescribeList(),
        _ => $"cannot be read: {InnerException?.Message}",
    };

    private string DescribeList() => RevocationList switch
    {
        RevocationListProblem.NoList => "holds no revocation list (expected PEM: -----BEGIN X509 CRL-----, or DER).",
        RevocationListProblem.CutOff => "holds a damaged list (PEM).",
        RevocationListProblem.UnknownVersion => "is of a version that is not known.",
        RevocationListProblem.UnevenSignature => "has a signature that is not made of whole bytes.",
        RevocationListProblem.TwoAlgorithms => "names two different signature algorithms.",
        RevocationListProblem.NoNextUpdate => "does not say when the next one is due (nextUpdate).",
        RevocationListProblem.Delta => "is a delta list, which only changes another one.",
        RevocationListProblem.Indirect => "is an indirect list, with certificates of several CAs.",
        RevocationListProblem.AttributeCertificates => "covers attribute certificates alone, and no peer shows one.",
        RevocationListProblem.UnknownExtension => $"has a critical extension that is not known: {Extension}.",
        RevocationListProblem.NotSigned =>
            $"the list of {PeerText.Quote(Issuer ?? "")} is not signed by that CA (or with SHA-1 or an algorithm that is not accepted, "
            + "or by a key that may not sign lists).",
        _ => "is not a revocation list (CRL), or a damaged one.",
    };
}
