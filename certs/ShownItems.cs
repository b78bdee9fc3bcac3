using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>Reads what show writes as JSON.</summary>
internal static class ShownItems
{
    /// <summary>Everything in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">For PKCS#12; null for none.</param>
    /// <exception cref="CertificateFileException">It cannot be read, or its password is missing or wrong.</exception>
    /// <exception cref="CommandException">It is something else, or damaged.</exception>
    public static IReadOnlyList<ShownItem> Of(string file, string? password)
    {
        FileContent content = FileContent.Read(file);
        IReadOnlyList<ReadOnlyMemory<byte>> lists = RevocationListDescription.Find(content);
        if (lists.Count > 0)
            return [.. lists.Select((l, i) => new ShownItem(file, "revocationList") { Position = i + 1, RevocationList = List(file, l) })];
        X509Certificate2Collection certificates = CertificateFile.Parse(file, content, password);
        if (certificates.Count == 0) return [new ShownItem(file, "privateKey")];
        return [.. certificates.Select((c, i) => new ShownItem(file, "certificate") { Position = i + 1, Certificate = Facts(c) })];
    }

    private static RevocationListFacts List(string file, ReadOnlyMemory<byte> list)
    {
        try
        {
            return RevocationListDescription.Read(list);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw new CommandException(ExitCode.Certificate, $"{file}: is a damaged revocation list.");
        }
    }

    private static CertificateFacts Facts(X509Certificate2 certificate)
    {
        using (certificate)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            ValidityPeriod? validity = ValidityPeriod.TryRead(certificate);
            return new CertificateFacts
            {
                Subject = Readable(() => certificate.Subject),
                Issuer = Readable(() => certificate.Issuer),
                IsSelfIssued = Readable(() => (bool?)CertificateDescription.IsItsOwnIssuer(certificate)),
                Serial = certificate.SerialNumber,
                Names = Readable(() => CertificateDescription.Names(certificate).ToArray()),
                Key = Readable(() => CertificateText.Key(certificate)),
                HasPrivateKey = certificate.HasPrivateKey,
                Signature = Readable(() => CertificateText.Signature(certificate)),
                Purposes = Readable(() => CertificateText.Purposes(certificate)),
                IsCa = Readable(() => (bool?)CertificateText.IsAuthority(certificate)),
                NotBefore = validity?.From,
                NotAfter = validity?.Until,
                State = validity is { } period ? period.Until < now ? "expired" : period.From > now ? "notYetValid" : "valid" : null,
                DaysLeft = validity is { } left ? CertificateText.DaysLeft(left.Until, now) : null,
                Sha256 = Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)),
                Sha1 = certificate.Thumbprint,
            };
        }
    }

    private static T? Readable<T>(Func<T> part)
    {
        try
        {
            return part();
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return default;
        }
    }
}
