using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Reads files of revocation lists: PEM with one or more, or one in DER.</summary>
internal static class RevocationListFile
{
    private const string Label = "X509 CRL";

    /// <exception cref="CertificateFileException">A list in the file cannot be relied on, or a block of PEM cannot be read.</exception>
    public static IReadOnlyList<RevocationList> Read(FileContent file)
    {
        if (TrustStore.IsDer(file.Bytes.Span)) return [Parse(file, file.Bytes, line: null)];
        if (TryDecodeOnlyBlock(file.Bytes.Span) is { } only) return [Parse(file, only, line: 1)];
        // Certificates and text beside the lists are no harm.
        RevocationList[] lists = [.. PemText.Read(file).Where(b => b.Label == Label).Select(b => Parse(file, b.Data, b.Line))];
        return lists.Length > 0
            ? lists
            : throw new CertificateFileException(file.Name, CertificateFileProblem.UnusableRevocationList)
            {
                RevocationList = RevocationListProblem.NoList,
            };
    }

    // Of a file that is one good list and nothing else: it may have a hundred megabytes, and strings of it would have four times as many.
    private static byte[]? TryDecodeOnlyBlock(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> begin = "-----BEGIN X509 CRL-----"u8, marker = "-----"u8;
        if (!text.StartsWith(begin) || text[begin.Length..].Count(marker) != 2 || !PemEncoding.TryFindUtf8(text, out PemFields fields))
            return null;
        bool isAll = text[fields.Location.End..].Trim("\r\n"u8).IsEmpty;
        byte[] der = new byte[fields.DecodedDataLength];
        bool isDecoded = Base64.DecodeFromUtf8(text[fields.Base64Data], der, out _, out int length) == OperationStatus.Done;
        return isAll && isDecoded && length == der.Length && length > 0 ? der : null;
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
