using System.Collections.Immutable;
using System.Formats.Asn1;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// The name constraints of a CA (RFC 5280 section 4.2.1.10). X509Chain applies them; this class refuses those that it would read as it
/// likes, and asks of DNS names what it does not: whether a wildcard reaches into an excluded subtree (CVE-2025-61727).
/// </summary>
internal sealed class NameConstraints
{
    private const int Permitted = 0, Excluded = 1;

    private readonly ImmutableArray<string> _permitted, _excluded;

    private NameConstraints(ImmutableArray<string> permitted, ImmutableArray<string> excluded) =>
        (_permitted, _excluded) = (permitted, excluded);

    /// <summary>Reads the extension.</summary>
    /// <exception cref="AsnContentException">It is malformed or empty, or one of its names is none.</exception>
    public static NameConstraints Read(ReadOnlyMemory<byte> extension)
    {
        var whole = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        if (!sequence.HasData) throw new AsnContentException("There is no constraint.");
        var constraints = new NameConstraints(ReadSubtrees(sequence, Permitted), ReadSubtrees(sequence, Excluded));
        sequence.ThrowIfNotEmpty();
        return constraints;
    }

    /// <summary>True when every name that a DNS name of a certificate can stand for is allowed.</summary>
    /// <param name="name">As it stands there; the first label may be a wildcard.</param>
    public bool Allow(string name)
    {
        if (_permitted.IsEmpty && _excluded.IsEmpty) return true;
        string bare = name.TrimEnd('.');
        // What is no host name can be in no subtree of them.
        if (bare.Split('.').Any(l => l.Length == 0 || l.Any(char.IsWhiteSpace))) return false;
        return (_permitted.IsEmpty || _permitted.Any(p => IsWithin(bare, p))) && !_excluded.Any(e => IsWithin(bare, e) || Reaches(bare, e));
    }

    private static bool IsWithin(string name, string subtree) => subtree.Length == 0
        || name.Equals(subtree, StringComparison.OrdinalIgnoreCase)
        || (name.EndsWith(subtree, StringComparison.OrdinalIgnoreCase) && name[^(subtree.Length + 1)] == '.');

    // *.example.org stands for bar.example.org, and so for something of the subtree bar.example.org; for nothing of a.bar.example.org.
    private static bool Reaches(string name, string subtree)
    {
        int dot = name.IndexOf('.'), below = subtree.IndexOf('.');
        if (!name.AsSpan(0, dot < 0 ? name.Length : dot).Contains('*')) return false;
        ReadOnlySpan<char> parent = dot < 0 ? [] : name.AsSpan(dot + 1);
        ReadOnlySpan<char> other = below < 0 ? [] : subtree.AsSpan(below + 1);
        return parent.Equals(other, StringComparison.OrdinalIgnoreCase);
    }

    private static ImmutableArray<string> ReadSubtrees(AsnReader sequence, int which)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, which);
        if (!sequence.HasData || !sequence.PeekTag().HasSameClassAndValue(tag)) return [];
        AsnReader subtrees = sequence.ReadSequence(tag);
        if (!subtrees.HasData) throw new AsnContentException("There is no subtree.");
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>();
        while (subtrees.HasData)
        {
            if (ReadSubtree(subtrees.ReadSequence()) is { } name) names.Add(name);
        }

        return names.DrainToImmutable();
    }

    // The DNS name of a subtree; null for another kind.
    private static string? ReadSubtree(AsnReader subtree)
    {
        GeneralName name = subtree.PeekTag() is { TagClass: TagClass.ContextSpecific, TagValue: 7 }
            ? ReadAddressRange(subtree)
            : GeneralNames.ReadOne(subtree, out _);
        // minimum is 0, which DER leaves out, and there is no maximum.
        subtree.ThrowIfNotEmpty();
        bool isReadable = name.Kind switch
        {
            GeneralNames.Dns => name.Text is "" || IsHost(name.Text!),
            GeneralNames.Uri => IsHostOrDomain(name.Text!),
            GeneralNames.Mail => IsMailOrDomain(name.Text!),
            _ => true,
        };
        if (!isReadable) throw new AsnContentException("A constraint is none.");
        return name.Kind == GeneralNames.Dns ? name.Text!.TrimEnd('.') : null;
    }

    // Address and mask; the mask is ones, and then zeros (RFC 4632).
    private static GeneralName ReadAddressRange(AsnReader subtree)
    {
        const int kind = 7, ipv4 = 8, ipv6 = 32;
        byte[] range = subtree.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, kind));
        if (range.Length is not (ipv4 or ipv6)) throw new AsnContentException("Not a range of addresses.");
        var mask = new System.Numerics.BigInteger(range.AsSpan(range.Length / 2), isUnsigned: true, isBigEndian: true);
        System.Numerics.BigInteger zeros = (System.Numerics.BigInteger.One << (range.Length * 4)) - 1 - mask;
        if (!(zeros & (zeros + 1)).IsZero) throw new AsnContentException("Not a mask.");
        return new(kind, null);
    }

    // No wildcard, and no leading period: DNS constraints have none, whatever OpenSSL makes of it.
    private static bool IsHost(string text) =>
        text.TrimEnd('.').Split('.').All(l => l.Length > 0 && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    private static bool IsHostOrDomain(string text) => IsHost(text.StartsWith('.') ? text[1..] : text);

    private static bool IsMailOrDomain(string text) => text.LastIndexOf('@') is >= 0 and var at
        ? IsHost(text[(at + 1)..]) && at > 0 && (text.IndexOf('@') == at || text.StartsWith('"'))
        : IsHostOrDomain(text);
}
