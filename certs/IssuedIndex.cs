using System.Security.Cryptography;
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
/// <param name="Name">What its files are called; null in an index of an earlier version.</param>
/// <param name="Role">server or client; null in an index of an earlier version.</param>
/// <param name="Key">The SHA-256 of its public key (SubjectPublicKeyInfo) in hexadecimal; null in an index of an earlier version.</param>
/// <param name="Broken">What is wrong with it on purpose; null for nothing.</param>
internal sealed record IssuedCertificate(
    string Serial, string Subject, DateTimeOffset NotAfter, DateTimeOffset? RevokedAt = null, string? Reason = null, string? Name = null,
    string? Role = null, string? Key = null, string? Broken = null)
{
    // With these the key itself may be in other hands; superseded and the like say nothing of the key.
    private static readonly string[] DoubtfulReasons = ["keyCompromise", "unspecified"];

    /// <summary>Whether its key must not be certified again.</summary>
    [JsonIgnore]
    public bool HasDoubtfulKey => RevokedAt is not null && DoubtfulReasons.Contains(Reason ?? "unspecified", StringComparer.Ordinal);
}

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

    /// <summary>Adds a certificate, unless it is there.</summary>
    public IssuedIndex With(X509Certificate2 certificate) => Find(certificate.SerialNumber) is null
        ? this with { Certificates = [.. Certificates, Describe(certificate)] }
        : this;

    /// <summary>Adds a certificate, or what was not known of it.</summary>
    /// <param name="files">What its files are called.</param>
    /// <param name="role">Whose it is.</param>
    /// <param name="flaw">What is wrong with it on purpose.</param>
    /// <param name="certificate">The certificate.</param>
    public IssuedIndex With(PeerFiles files, PeerRole role, Flaw flaw, X509Certificate2 certificate)
    {
        IssuedCertificate known = Find(certificate.SerialNumber) ?? Describe(certificate);
        IssuedCertificate whole = known with
        {
            Name = files.Name,
            Role = RoleWord(role),
            Key = KeyOf(certificate),
            Broken = Flaws.WordOf(flaw),
        };
        return this with
        {
            Certificates = Find(known.Serial) is null
                ? [.. Certificates, whole]
                : [.. Certificates.Select(c => c.Serial == known.Serial ? whole : c)],
        };
    }

    /// <summary>Forgets a name: its files are another CA's now, or nobody's.</summary>
    public IssuedIndex WithoutName(PeerFiles files) => this with
    {
        Certificates = [.. Certificates.Select(c => c.Name == files.Name ? c with { Name = null } : c)],
    };

    /// <summary>The certificate that makes a key doubtful: one with the same key that was revoked; null when there is none.</summary>
    public IssuedCertificate? DoubtOf(X509Certificate2 certificate) =>
        Certificates.FirstOrDefault(c => c.HasDoubtfulKey && (c.Serial == certificate.SerialNumber || c.Key == KeyOf(certificate)));

    /// <summary>The names beside the two of the set, without what is broken on purpose.</summary>
    public IEnumerable<(PeerFiles Files, PeerRole Role)> Others() =>
        from c in Certificates
        where c is { Name: not null, Role: not null } && c.Name != PeerFiles.Server.Name && c.Name != PeerFiles.Client.Name
        group c by c.Name into named
        let last = named.Last()
        where last.Broken is null
        select (new PeerFiles(named.Key), last.Role == RoleWord(PeerRole.Server) ? PeerRole.Server : PeerRole.Client);

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

    private static IssuedCertificate Describe(X509Certificate2 certificate) => new(
        certificate.SerialNumber, certificate.Subject, ValidityPeriod.Of(certificate).Until, Key: KeyOf(certificate));

    private static string KeyOf(X509Certificate2 certificate) =>
        Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    private static string RoleWord(PeerRole role) => role == PeerRole.Server ? "server" : "client";

    // A name becomes a part of a path.
    private static bool IsWhole(IssuedCertificate? c) =>
        c is { Serial: not null, Subject: not null } && TrySerial(c.Serial, out string s) && s == c.Serial
            && (c.Name is null || PeerFiles.TryParse(c.Name, out _));

    private static CommandException Damaged(string file) =>
        new(ExitCode.Certificate, $"{file}: is damaged: put a copy back, or the CA's revocations are forgotten.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IssuedIndex))]
internal sealed partial class IndexJson : JsonSerializerContext;
