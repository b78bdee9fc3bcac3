namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Reads files of revocation lists: PEM with one or more, or one in DER.</summary>
internal static class RevocationListFile
{
    private const string Label = "X509 CRL";

    /// <exception cref="CertificateFileException">A list in the file cannot be relied on, or a block of PEM cannot be read.</exception>
    public static IReadOnlyList<RevocationList> Read(FileContent file)
    {
        if (TrustStore.IsDer(file.Bytes.Span)) return [Parse(file, file.Bytes, line: null)];
        // Certificates and text beside the lists are no harm.
        RevocationList[] lists = [.. PemText.Read(file).Where(b => b.Label == Label).Select(b => Parse(file, b.Data, b.Line))];
        return lists.Length > 0
            ? lists
            : throw new CertificateFileException(file.Name, CertificateFileProblem.UnusableRevocationList)
            {
                RevocationList = RevocationListProblem.NoList,
            };
    }

    private static RevocationList Parse(FileContent file, ReadOnlyMemory<byte> der, int? line)
    {
        try
        {
            return RevocationList.Parse(der);
        }
        catch (RevocationListException e)
        {
            throw new CertificateFileException(file.Name, CertificateFileProblem.UnusableRevocationList, e)
            {
                RevocationList = e.Problem,
                Extension = e.Extension,
                Line = line,
            };
        }
    }
}
