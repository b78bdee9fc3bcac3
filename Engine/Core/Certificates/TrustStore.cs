using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>Reads files of certificates.</summary>
public static class TrustStore
{
    // What OpenSSL takes for a certificate too; the second is what its first versions wrote.
    private static readonly string[] CertificateLabels = ["CERTIFICATE", "X509 CERTIFICATE"];

    // These hold certificates, and would vanish without a word.
    private static readonly string[] OtherForms = ["TRUSTED CERTIFICATE", "PKCS7", "PKCS #7 SIGNED DATA", "CMS"];

    /// <summary>Reads the roots to trust: a PEM file with one or more, or one in DER. The file is read once, so it may be a pipe.</summary>
    /// <exception cref="CertificateFileException">The file is missing, unreadable, or holds no certificate.</exception>
    public static X509Certificate2Collection Read(string file) => Parse(FileContent.Read(file));

    /// <summary>Takes the certificates out of a file that was read: PEM with one or more, or one in DER.</summary>
    /// <exception cref="CertificateFileException">It holds no certificate, or something that cannot be read.</exception>
    public static X509Certificate2Collection Parse(FileContent file)
    {
        if (IsDer(file.Bytes.Span)) return [Decode(file, file.Bytes.Span, line: null)];
        return OfBlocks(file, PemText.Read(file), mayBeNone: false);
    }

    /// <summary>Takes the certificates out of a file of any form: PEM, DER or PKCS#12. What else stands in it is no harm.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Of PKCS#12; null for none.</param>
    /// <returns>
    /// None for PEM that holds other things alone, such as a key. Of PKCS#12 those whose key is in the file have their private key.
    /// </returns>
    /// <exception cref="CertificateFileException">Something in it cannot be read, or the password is missing or wrong.</exception>
    public static X509Certificate2Collection ParseAny(FileContent file, string? password)
    {
        if (!IsDer(file.Bytes.Span)) return OfBlocks(file, PemText.Read(file), mayBeNone: true);
        if (!Pkcs12Content.IsPkcs12(file)) return [Decode(file, file.Bytes.Span, line: null)];
        Pkcs12Content content = Pkcs12Content.Read(file, password);
        X509Certificate2[] certificates = [.. content.Certificates.Select(c => IdentityMatch.WithKey(c, content.Keys) ?? c)];
        return [.. certificates];
    }

    /// <summary>True for DER (and so for PKCS#12), which begins with a SEQUENCE; PEM is text.</summary>
    internal static bool IsDer(ReadOnlySpan<byte> bytes) =>
        bytes is [0x30, >= 0x80, ..] || (bytes is [0x30, byte length, ..] && length == bytes.Length - 2);

    internal static X509Certificate2Collection OfBlocks(FileContent file, IReadOnlyList<PemBlock> blocks, bool mayBeNone)
    {
        var certificates = new X509Certificate2Collection();
        foreach (PemBlock block in blocks)
        {
            if (OtherForms.Contains(block.Label))
            {
                throw new CertificateFileException(file.Name, CertificateFileProblem.OtherForm) { Label = block.Label, Line = block.Line };
            }

            if (CertificateLabels.Contains(block.Label)) certificates.Add(Decode(file, block.Data, block.Line));
        }

        if (certificates.Count == 0 && !mayBeNone)
        {
            string? found = blocks.Count > 0 ? blocks[0].Label : null;
            throw new CertificateFileException(file.Name, CertificateFileProblem.NoCertificate) { Found = found };
        }

        return certificates;
    }

    private static X509Certificate2 Decode(FileContent file, ReadOnlySpan<byte> der, int? line)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The platform throws what it likes at bytes that it does not like.
            CertificateFileProblem problem =
                line is null ? CertificateFileProblem.NotCertificate : CertificateFileProblem.DamagedCertificate;
            throw new CertificateFileException(file.Name, problem, e)
            {
                Line = line,
                Found = line is null ? DerForm.Describe(file) : null,
            };
        }
    }
}
