using System.Security.Cryptography;
using System.Text;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Reads files of revocation lists: PEM with one or more, or one in DER.</summary>
internal static class RevocationListFile
{
    private const string Label = "X509 CRL";

    /// <exception cref="CertificateFileException">The file cannot be read, or a list in it cannot be relied on.</exception>
    public static IReadOnlyList<RevocationList> Read(string file)
    {
        byte[] bytes = TrustStore.ReadBytes(file);
        try
        {
            return TrustStore.IsDer(bytes) ? [RevocationList.Parse(bytes)] : ReadPem(file, Encoding.UTF8.GetString(bytes));
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

    private static List<RevocationList> ReadPem(string file, string text)
    {
        var lists = new List<RevocationList>();
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            // Certificates and text beside the lists are no harm.
            if (rest[fields.Label].SequenceEqual(Label))
                lists.Add(RevocationList.Parse(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
            rest = rest[fields.Location.End..];
        }

        // A list that is cut off has a beginning and no end, and would be passed over in silence.
        int begun = Count(text, $"-----BEGIN {Label}-----");
        if (begun != lists.Count) throw new RevocationListException(RevocationListProblem.CutOff);
        return begun > 0 ? lists : throw new RevocationListException(RevocationListProblem.NoList);
    }

    private static int Count(ReadOnlySpan<char> text, string word)
    {
        int count = 0;
        for (int at; (at = text.IndexOf(word, StringComparison.Ordinal)) >= 0; text = text[(at + word.Length)..]) count++;
        return count;
    }
}
