using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;

namespace RawEcho.CommandLine;

/// <summary>
/// What the Engine reports as a value, in the words of a command-line program: its own sentence, and the option or the advice that mends
/// it.
/// </summary>
public static class ProblemText
{
    /// <summary>Of a failure that a program expects: a file that is of no use, or one whose message says it all.</summary>
    public static string Of(Exception failure) => failure is CertificateFileException file ? OfFile(file) : failure.Message;

    /// <summary>Of a peer's certificate.</summary>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="owner">Whose certificate it is, as a sentence begins with it: "Its", "The server's".</param>
    public static string Of(CertificateProblem problem, string owner = "Its") => problem switch
    {
        { Gap: RevocationGap.NoList } =>
            $"Whether the certificate {PeerText.Quote(problem.Subject ?? "")} is revoked cannot be told: "
            + "there is no revocation list (--crl) that its issuer has signed.",
        { Gap: RevocationGap.OutOfScope } =>
            $"{problem.Describe(owner)} Name the list of its issuer that covers it, too (--crl).",
        { IsRoot: true } => $"{problem.Describe(owner)} It is trusted here (--ca): put a CA that is fit in its place.",
        { Waivable: not WaivedRules.None } =>
            $"{problem.Describe(owner)} The way out, for certificates that cannot be replaced: --policy legacy.",
        _ => problem.Describe(owner),
    };

    /// <summary>Of a trusted certificate because of which no peer can be accepted.</summary>
    public static string Of(AnchorProblem problem) => problem.Fault == AnchorFault.NotRoot
        ? $"{problem.Describe()} Add that root, or let the chain end here: --partial-chain."
        : problem.Describe();

    /// <summary>Of an ending; null where its reason says it all.</summary>
    public static string? Of(ConnectionEnd end) => end.Certificate is { } problem ? Of(problem) : end.Detail;

    /// <summary>Of a peer that only --policy legacy let in.</summary>
    public static Note Of(LegacyPeer peer) => Note.Warning(
        $"--policy legacy accepted the certificate {PeerText.Quote(peer.Peer.Subject)}, which strict would refuse: "
        + $"it {WaivedRulesText.Describe(peer.Waived)}. SHA-256 {peer.Peer.Fingerprint}.");

    /// <summary>Of a revocation list that is in use.</summary>
    /// <param name="warning">What is to be known of it.</param>
    /// <param name="missing">What becomes of peers of whom no list can tell.</param>
    public static Note Of(RevocationListWarning warning, MissingList missing) => warning.Doubt switch
    {
        RevocationListDoubt.UnknownIssuer =>
            new Note(
                $"The revocation list of {PeerText.Quote(warning.Issuer)} is not of a CA in --ca: it counts once a peer shows that CA."),
        RevocationListDoubt.Partial => new Note(
            $"The revocation lists of {PeerText.Quote(warning.Issuer)} cover only a part of its certificates (issuing distribution point): "
            + (missing == MissingList.Refuse ? "the others are refused." : "of the others those that they name are refused.")),
        _ when missing == MissingList.Refuse => Note.Warning(
            $"a revocation list is stale since {CertificateText.Utc(warning.NextUpdate)}: "
            + "the peers of its CA are refused until there is a fresh one."),
        _ => Note.Warning($"a revocation list is stale since {CertificateText.Utc(warning.NextUpdate)}."),
    };

    private static string OfFile(CertificateFileException failure) => failure.Problem switch
    {
        CertificateFileProblem.KeyMissing => $"{failure.File}: holds no private key: name its key with --key.",
        CertificateFileProblem.KeyEncrypted =>
            $"{failure.File}: the key is encrypted; name its password with --password-env or --password-file.",
        CertificateFileProblem.PasswordMissing =>
            $"{failure.File}: cannot be opened without its password; name it with --password-env or --password-file.",
        CertificateFileProblem.DamagedPem => $"{failure.Message}{OfPem(failure.Pem)}",
        CertificateFileProblem.OtherForm when failure.Label == "TRUSTED CERTIFICATE" =>
            $"{failure.Message} Convert it: openssl x509 -in {failure.File} -out NEW.",
        CertificateFileProblem.OtherForm => $"{failure.Message} Convert it: openssl pkcs7 -print_certs -in {failure.File} -out NEW.",
        CertificateFileProblem.NotCertificate when failure.IsPkcs12 => $"{failure.Message} Name it with --cert alone, without --key.",
        CertificateFileProblem.Utf16 => $"{failure.Message} Save it as UTF-8.",
        CertificateFileProblem.UnsupportedKey => $"{failure.Message} Use RSA, or ECDSA on P-256, P-384 or P-521.",
        CertificateFileProblem.UnsupportedProtection => $"{failure.Message} Protect it anew with AES and PBKDF2: {Anew(failure)}",
        CertificateFileProblem.UnusableRevocationList => failure.RevocationList switch
        {
            RevocationListProblem.Delta or RevocationListProblem.AttributeCertificates => $"{failure.Message} Use the complete list.",
            RevocationListProblem.Indirect => $"{failure.Message} Use a list of each CA's own.",
            _ => failure.Message,
        },
        _ => failure.Message,
    };

    private static string OfPem(PemProblem problem) => problem switch
    {
        PemProblem.EscapedLineBreaks => " Write real line breaks in their place.",
        PemProblem.NoLineBreak => " Put one between the two.",
        PemProblem.CutOff or PemProblem.NotEnded or PemProblem.NotBegun or PemProblem.BadBase64 or PemProblem.Empty => " Copy it again.",
        _ => "",
    };

    private static string Anew(CertificateFileException failure) => failure.Line is null
        ? $"openssl pkcs12 -in {failure.File} -out NEW.pem, and openssl pkcs12 -export -in NEW.pem -out NEW.pfx."
        : $"openssl pkey -in {failure.File} -aes256 -out NEW.";
}
