using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Reads files of revocation lists: PEM with one or more, or one in DER.</summary>
internal static class RevocationListFile
{
    private static ReadOnlySpan<byte> Label => "X509 CRL"u8;

    /// <exception cref="CertificateFileException">The file cannot be read, or a list in it cannot be relied on.</exception>
    public static IReadOnlyList<RevocationList> Read(string file)
    {
        byte[] bytes = TrustStore.ReadBytes(file);
        try
        {
            return TrustStore.IsDer(bytes) ? [RevocationList.Parse(bytes)] : ReadPem(bytes);
        }
        catch (RevocationListException e)
        {
            throw new CertificateFileException(file, CertificateFileProblem.UnusableRevocationList, e)
            {
                RevocationList = e.Problem,
                Extension = e.Extension,
            };
        }
    }

    // In place, and not by way of strings: a list may have a hundred megabytes.
    private static List<RevocationList> ReadPem(Memory<byte> text)
    {
        var lists = new List<RevocationList>();
        if (text.Span.StartsWith(Encoding.UTF8.Preamble)) text = text[Encoding.UTF8.Preamble.Length..];
        // A list that is cut off has a beginning and no end, and would be passed over in silence.
        int begun = text.Span.Count("-----BEGIN X509 CRL-----"u8);
        Memory<byte> rest = text;
        while (PemEncoding.TryFindUtf8(rest.Span, out PemFields fields))
        {
            // Certificates and text beside the lists are no harm.
            if (rest.Span[fields.Label].SequenceEqual(Label)) lists.Add(RevocationList.Parse(Decode(rest[fields.Base64Data])));
            rest = rest[fields.Location.End..];
        }

        if (begun != lists.Count) throw new RevocationListException(RevocationListProblem.CutOff);
        return begun > 0 ? lists : throw new RevocationListException(RevocationListProblem.NoList);
    }

    private static ReadOnlyMemory<byte> Decode(Memory<byte> base64) =>
        Base64.DecodeFromUtf8InPlace(base64.Span, out int length) == OperationStatus.Done
            ? base64[..length]
            : throw new RevocationListException(RevocationListProblem.CutOff);
}
