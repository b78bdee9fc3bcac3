using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// When a certificate is valid, both ends included, in UTC. Read from its DER form: <see cref="X509Certificate2.NotBefore"/> and
/// <see cref="X509Certificate2.NotAfter"/> are local times, and in the hour that the end of summer time repeats nobody can compare those.
/// </summary>
/// <param name="From">Its first moment.</param>
/// <param name="Until">Its last moment.</param>
public readonly record struct ValidityPeriod(DateTimeOffset From, DateTimeOffset Until)
{
    // Years of two digits stand for 1950 to 2049 (RFC 5280 section 4.1.2.5.1).
    private const int LastShortYear = 2049;

    /// <summary>Reads the two dates of a certificate (RFC 5280 section 4.1.2.5).</summary>
    /// <exception cref="CryptographicException">They cannot be read.</exception>
    public static ValidityPeriod Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            AsnReader validity = Find(certificate.RawDataMemory);
            var period = new ValidityPeriod(ReadTime(validity), ReadTime(validity));
            validity.ThrowIfNotEmpty();
            return period;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            throw new CryptographicException("The validity of the certificate cannot be read.", e);
        }
    }

    /// <summary>Reads the two dates of a certificate.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public static ValidityPeriod? TryRead(X509Certificate2 certificate)
    {
        try
        {
            return Of(certificate);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>True at a moment between its ends.</summary>
    public bool Contains(DateTimeOffset moment) => moment >= From && moment <= Until;

    // TBSCertificate: version, serial number, signature's algorithm, issuer, validity.
    private static AsnReader Find(ReadOnlyMemory<byte> certificate)
    {
        AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (fields.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0))) fields.ReadEncodedValue();
        for (int i = 0; i < 3; i++) fields.ReadEncodedValue();
        return fields.ReadSequence();
    }

    private static DateTimeOffset ReadTime(AsnReader reader) => reader.PeekTag() == Asn1Tag.UtcTime
        ? reader.ReadUtcTime(LastShortYear)
        : reader.ReadGeneralizedTime();
}
