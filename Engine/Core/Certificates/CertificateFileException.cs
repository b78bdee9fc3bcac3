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

    /// <summary>Why a block of PEM cannot be read; <see cref="PemProblem.None"/> where the problem is not one of PEM.</summary>
    public PemProblem Pem { get; init; }

    /// <summary>The label of the block of PEM at fault, such as CERTIFICATE; null where the problem is not one of PEM.</summary>
    public string? Label { get; init; }

    /// <summary>How many blocks of PEM cannot be read, count; the first is described.</summary>
    public int DamagedBlocks { get; init; }

    /// <summary>The kind of a key, or of a protection, that is not supported; null where that does not matter.</summary>
    public string? Kind { get; init; }

    /// <summary>
    /// What the file is or holds in place of what it should, such as "a private key" or "PUBLIC KEY"; null where that is not known.
    /// </summary>
    public string? Found { get; init; }

    /// <summary>True when the file is in PKCS#12, where a certificate was expected.</summary>
    public bool IsPkcs12 => Found == DerForm.Pkcs12;

    /// <summary>What a link points to that leads to no file; null where there is no link.</summary>
    public string? LinkTarget { get; init; }

    /// <inheritdoc/>
    public override string Message => $"{File}: {Describe()}";

    private string Describe() => Problem switch
    {
        CertificateFileProblem.NotFound when LinkTarget is not null =>
            $"no such file: it is a link to {PeerText.Quote(LinkTarget)}, and nothing is there.",
        CertificateFileProblem.NotFound => "no such file.",
        CertificateFileProblem.IsDirectory => "is a directory, not a file.",
        CertificateFileProblem.NoPermission => "no permission to read it.",
        CertificateFileProblem.IsPipe => "is a pipe, not a file: it would give what it has only once.",
        CertificateFileProblem.IsSocket => "is a socket, not a file.",
        CertificateFileProblem.IsDevice => "is a device, not a file.",
        CertificateFileProblem.TooLarge =>
            string.Create(CultureInfo.InvariantCulture, $"is larger than {FileContent.MaxBytes >> 20} MB."),
        CertificateFileProblem.TimedOut =>
            string.Create(CultureInfo.InvariantCulture, $"nobody wrote all of it within {FileContent.PipeTimeout.TotalSeconds:0} s."),
        CertificateFileProblem.DamagedPem => DescribePem() + More(),
        CertificateFileProblem.OtherForm => $"{InLine}holds certificates in the form {PeerText.Quote(Label ?? "")}, not as PEM.",
        CertificateFileProblem.NoCertificate when Kind is not null => $"holds a private key and no certificate ({Kind}).",
        CertificateFileProblem.NoCertificate when Found is not null =>
            $"holds no certificate but {PeerText.Quote(Found)} (expected PEM: -----BEGIN CERTIFICATE-----).",
        CertificateFileProblem.NoCertificate => "holds no certificate (expected PEM: -----BEGIN CERTIFICATE-----).",
        CertificateFileProblem.DamagedCertificate when Line is not null => $"{InLine}is no certificate, or a damaged one.",
        CertificateFileProblem.DamagedCertificate => "holds a certificate that cannot be read.",
        CertificateFileProblem.NotCertificate when Found is not null => $"is {Found}, not a certificate.",
        CertificateFileProblem.NotCertificate => "is not a certificate.",
        CertificateFileProblem.KeyMissing => "holds no private key, and no other file was named for it.",
        CertificateFileProblem.NoPrivateKey => "holds no private key.",
        CertificateFileProblem.NoPemKey when Found is not null => $"holds no private key but {PeerText.Quote(Found)}.",
        CertificateFileProblem.NoPemKey => "holds no PEM private key.",
        CertificateFileProblem.KeyEncrypted => "the key is encrypted, and no password was given.",
        CertificateFileProblem.KeyMismatch when CertificateFile == File => "holds no certificate that belongs to its private key.",
        CertificateFileProblem.KeyMismatch => $"is not the key of {CertificateFile}.",
        CertificateFileProblem.UnsupportedKey => $"{InLine}the key is of a kind that TLS cannot be done with here: {Kind}.",
        CertificateFileProblem.UnsupportedProtection =>
            $"{InLine}cannot be opened with any password: it is protected with {Kind}, which is not supported here.",
        CertificateFileProblem.DamagedKey => $"{InLine}is no private key, or a damaged one.",
        CertificateFileProblem.RefusedKey =>
            $"{InLine}this system's cryptography does not take the private key: {InnerException?.Message.TrimEnd('.')}.",
        CertificateFileProblem.DamagedPkcs12 => "is a damaged PKCS#12 file.",
        CertificateFileProblem.NotPkcs12 => "is not a PKCS#12 file.",
        CertificateFileProblem.PasswordMissing => "cannot be opened without its password.",
        CertificateFileProblem.WrongPassword => "the password is wrong.",
        CertificateFileProblem.NotText => "is not text in UTF-8.",
        CertificateFileProblem.Utf16 => "is text in UTF-16, and must be in UTF-8 or ASCII.",
        CertificateFileProblem.NotAllowListEntry =>
            string.Create(CultureInfo.InvariantCulture, $"line {Line} is not cn:NAME, dns:NAME, uri:URI or sha256:HEX."),
        CertificateFileProblem.UnusableRevocationList => DescribeList(),
        _ => $"cannot be read: {InnerException?.Message}",
    };

    private string InLine => Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line}: ") : "";

    private string Block => Label is { Length: > 0 } label ? $"the block {PeerText.Quote(label)}" : "a block";

    private string DescribePem() => Pem switch
    {
        PemProblem.CutOff => $"{InLine}{Block} begins and does not end: the file is cut off.",
        PemProblem.NotEnded => $"{InLine}{Block} begins, and another one begins before it ends.",
        PemProblem.OtherEnd => $"{InLine}{Block} ends as a block of another kind.",
        PemProblem.NotBegun => $"{InLine}{Block} ends without having begun.",
        PemProblem.BadMarker => $"{InLine}{Block} must begin and end with five hyphens on both sides: -----BEGIN X-----, -----END X-----.",
        PemProblem.NoLineBreak => $"{InLine}{Block} begins on the line on which another one ends: a line break is missing.",
        PemProblem.BehindText => $"{InLine}{Block} must begin on a line of its own.",
        PemProblem.EscapedLineBreaks => $"{InLine}{Block} has the two characters \\n where its lines should end.",
        PemProblem.Empty => $"{InLine}{Block} is empty.",
        _ => $"{InLine}{Block} is not base64.",
    };

    private string More() => DamagedBlocks > 1
        ? string.Create(CultureInfo.InvariantCulture, $" Blocks that cannot be read: {DamagedBlocks}.")
        : "";

    private string DescribeList() => RevocationList switch
    {
        RevocationListProblem.NoList => "holds no revocation list (expected PEM: -----BEGIN X509 CRL-----, or DER).",
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
        _ => $"{InLine}is not a revocation list (CRL), or a damaged one.",
    };
}
