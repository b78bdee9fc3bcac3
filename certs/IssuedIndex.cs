using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>A certificate that the CA of a directory has issued.</summary>
/// <param name="Serial">Its serial number in hexadecimal.</param>
/// <param name="Subject">Its distinguished name.</param>
/// <param name="NotAfter">Until when it is valid.</param>
/// <param name="RevokedAt">When it was revoked; null while it is good.</param>
/// <param name="Reason">Why, in the words of RFC 5280 section 5.3.1; null while it is good.</param>
internal sealed record IssuedCertificate(
    string Serial, string Subject, DateTimeOffset NotAfter, DateTimeOffset? RevokedAt = null, string? Reason = null);

/// <summary>
/// What a CA has issued and revoked: the memory that revocation lists are made from. Without it a list could not be made again,
/// and who was revoked once would be let in again.
/// </summary>
internal sealed record IssuedIndex
{
    private static readonly IndexJson Json = new(new JsonSerializerOptions { WriteIndented = true });

    /// <summary>The number of the last revocation list (RFC 5280 section 5.2.3): each has a higher one.</summary>
    public long LastListNumber { get; init; }

    /// <summary>All certificates, in the order in which they were issued.</summary>
    public IReadOnlyList<IssuedCertificate> Certificates { get; init; } = [];

    /// <summary>Reads the index of a directory; one that is missing is empty, as in a set of an earlier version.</summary>
    /// <exception cref="CertificateFileException">The file cannot be read.</exception>
    /// <exception cref="CommandException">The file is damaged.</exception>
    public static IssuedIndex Read(string directory)
    {
        string file = Path.Combine(directory, CertificateSet.Index);
        if (!File.Exists(file)) return new IssuedIndex();
        string text = FileContent.Read(file).Text();
        try
        {
            return JsonSerializer.Deserialize(text, Json.IssuedIndex) is { Certificates: not null } index
                && index.Certificates.All(IsWhole)
                ? index
                : throw Damaged(file);
        }
        catch (JsonException)
        {
            throw Damaged(file);
        }
    }

    /// <summary>Adds certificates.</summary>
    public IssuedIndex With(params IEnumerable<X509Certificate2> certificates) => this with
    {
        Certificates = [.. Certificates, .. certificates.Where(c => Find(c.SerialNumber) is null)
            .Select(c => new IssuedCertificate(c.SerialNumber, c.Subject, ValidityPeriod.Of(c).Until))],
    };

    /// <summary>Marks one as revoked; what was revoked before stays as it was.</summary>
    public IssuedIndex WithRevoked(string serial, DateTimeOffset at, string reason) => this with
    {
        Certificates =
            [.. Certificates.Select(c => c.Serial == serial && c.RevokedAt is null ? c with { RevokedAt = at, Reason = reason } : c)],
    };

    /// <summary>Finds one by its serial number.</summary>
    public IssuedCertificate? Find(string serial) => Certificates.FirstOrDefault(c => c.Serial == serial);

    /// <summary>The file.</summary>
    public NewFile ToFile() =>
        new(CertificateSet.Index, [.. JsonSerializer.SerializeToUtf8Bytes(this, Json.IssuedIndex), (byte)'\n'], Secret: false);

    /// <summary>The one spelling of a serial number: upper-case hexadecimal of whole bytes.</summary>
    public static bool TrySerial(string text, out string serial)
    {
        serial = text.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        if (serial.StartsWith("0X", StringComparison.Ordinal)) serial = serial[2..];
        if (serial.Length % 2 != 0) serial = "0" + serial;
        return serial.Length is > 0 and <= 40 && serial.All(char.IsAsciiHexDigit);
    }

    private static bool IsWhole(IssuedCertificate? c) =>
        c is { Serial: not null, Subject: not null } && TrySerial(c.Serial, out string s) && s == c.Serial;

    private static CommandException Damaged(string file) =>
        new(ExitCode.Certificate, $"{file}: is damaged: put a copy back, or the CA's revocations are forgotten.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IssuedIndex))]
internal sealed partial class IndexJson : JsonSerializerContext;
