using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Which verified peers may come in. An entry is cn:NAME (the only common name of the subject), dns:NAME or uri:URI (a subject
/// alternative name, in full: no wildcards), or sha256:HEX (the certificate itself, colons allowed). One match is enough; an
/// empty list lets nobody in.
/// </summary>
public sealed class PeerAllowList
{
    private const int Sha256Digits = 64;

    private readonly FrozenSet<string> _entries;

    /// <param name="entries">Entries; see the class.</param>
    /// <exception cref="FormatException">An entry is none.</exception>
    public PeerAllowList(IEnumerable<string> entries) => _entries = entries
        .Select(e => TryParse(e, out string? entry)
            ? entry
            : throw new FormatException($"'{e}' is not cn:NAME, dns:NAME, uri:URI or sha256:HEX."))
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Brings an entry into the one spelling that is compared.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? entry)
    {
        entry = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.AsSpan(colon + 1).Trim().IsEmpty) return false;
        string kind = text[..colon].Trim().ToLowerInvariant();
        string value = text[(colon + 1)..].Trim();
        switch (kind)
        {
            case "cn":
            case "uri":
                entry = $"{kind}:{value}";
                return true;
            case "dns":
                if (!HostName.TryToAscii(value, out string? ascii)) return false;
                entry = $"dns:{ascii}";
                return true;
            case "sha256":
                string digits = value.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
                entry = $"sha256:{digits}";
                return digits.Length == Sha256Digits && digits.All(char.IsAsciiHexDigit);
            default:
                return false;
        }
    }

    /// <summary>Reads entries from a file: one a line; empty lines and what follows # at the start of a line do not count.</summary>
    /// <exception cref="CertificateFileException">The file cannot be read, or a line is no entry; it is named by its number.</exception>
    public static IReadOnlyList<string> ReadFile(string file) => Read(FileContent.Read(file));

    /// <summary>Takes the entries of a file that was read; see <see cref="ReadFile"/>.</summary>
    /// <exception cref="CertificateFileException">It is not text, or a line is no entry; it is named by its number.</exception>
    public static IReadOnlyList<string> Read(FileContent file)
    {
        var entries = new List<string>();
        string text = PemText.TextOf(file, isStrict: true);
        int number = 0;
        foreach (string line in text.Split('\n').Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            if (!TryParse(line, out string? entry))
                throw new CertificateFileException(file.Name, CertificateFileProblem.NotAllowListEntry) { Line = number };
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Asks for one peer.</summary>
    public PeerVerdict Evaluate(PeerIdentity peer)
    {
        if (_entries.Contains("sha256:" + peer.Fingerprint)) return PeerVerdict.Good;
        foreach (string name in peer.Names)
        {
            if (_entries.Contains(name)) return PeerVerdict.Good;
        }

        return new(new CertificateProblem(CertificateFault.NotAllowed) { Subject = peer.Subject, Fingerprint = peer.Fingerprint });
    }
}
