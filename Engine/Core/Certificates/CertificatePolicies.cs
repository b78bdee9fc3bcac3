using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Certificate policies (RFC 5280 section 6.1), which X509Chain looks at only for a policy that somebody asks for: where a CA requires an
/// explicit policy, all of the path must name one. Nobody here wants a certain policy, so a set takes the place of the RFC's tree: whether
/// any policy is left at the end is all that counts.
/// </summary>
internal sealed class CertificatePolicies
{
    private const string AnyPolicy = "2.5.29.32.0";

    // The largest count that is told from none: longer paths are refused anyway.
    private const int Never = 1000;

    private readonly int _length;
    private HashSet<string> _valid = [AnyPolicy];
    private int _explicitPolicy = Never, _policyMapping = Never, _inhibitAny = Never;

    private CertificatePolicies(int length) => _length = length;

    /// <summary>Evaluates a path.</summary>
    /// <param name="path">The peer's certificate first, the root last; all of them can be read.</param>
    /// <returns>True unless an explicit policy is required and there is none.</returns>
    /// <exception cref="AsnContentException">An extension cannot be read.</exception>
    public static bool AreSatisfied(IReadOnlyList<X509Certificate2> path)
    {
        if (!path.Any(c => c.Extensions[ExtensionOid.PolicyConstraints] is not null)) return true;
        var policies = new CertificatePolicies(path.Count - 1);
        policies.BeginWith(path[^1]);
        for (int i = path.Count - 2; i >= 0; i--)
        {
            if (!policies.Take(path[i], isLast: i == 0)) return false;
        }

        return true;
    }

    /// <summary>certificatePolicies: the policies that are named.</summary>
    /// <exception cref="AsnContentException">It is malformed, or names one twice.</exception>
    public static HashSet<string> ReadDeclared(ReadOnlyMemory<byte> extension)
    {
        AsnReader sequence = Open(extension);
        var declared = new HashSet<string>();
        do
        {
            AsnReader policy = sequence.ReadSequence();
            if (!declared.Add(policy.ReadObjectIdentifier())) throw new AsnContentException("A policy twice.");
            if (policy.HasData) policy.ReadSequence();
            policy.ThrowIfNotEmpty();
        }
        while (sequence.HasData);
        return declared;
    }

    /// <summary>policyMappings: a policy of the issuer, and one of the subject that is as good.</summary>
    /// <exception cref="AsnContentException">It is malformed, or maps anyPolicy.</exception>
    public static List<(string Issuer, string Subject)> ReadMappings(ReadOnlyMemory<byte> extension)
    {
        AsnReader sequence = Open(extension);
        List<(string Issuer, string Subject)> mappings = [];
        do
        {
            AsnReader mapping = sequence.ReadSequence();
            (string issuer, string subject) = (mapping.ReadObjectIdentifier(), mapping.ReadObjectIdentifier());
            mapping.ThrowIfNotEmpty();
            if (issuer == AnyPolicy || subject == AnyPolicy) throw new AsnContentException("anyPolicy cannot be mapped.");
            mappings.Add((issuer, subject));
        }
        while (sequence.HasData);
        return mappings;
    }

    /// <summary>policyConstraints: after how many more certificates each of the two applies.</summary>
    /// <exception cref="AsnContentException">It is malformed or empty.</exception>
    public static (int? RequireExplicit, int? InhibitMapping) ReadConstraints(ReadOnlyMemory<byte> extension)
    {
        AsnReader sequence = Open(extension);
        int? require = ReadOptional(sequence, 0), inhibit = ReadOptional(sequence, 1);
        sequence.ThrowIfNotEmpty();
        return (require, inhibit);
    }

    /// <summary>inhibitAnyPolicy: after how many more certificates it applies.</summary>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static int ReadSkip(ReadOnlyMemory<byte> extension)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        int skip = ReadCount(reader, Asn1Tag.Integer);
        reader.ThrowIfNotEmpty();
        return skip;
    }

    // The root is no part of the path, but it would be strange if what it requires of all below it counted for nothing (RFC 5937).
    private void BeginWith(X509Certificate2 root)
    {
        if (Of(root, ExtensionOid.CertificatePolicies) is { } declared) _valid = ReadDeclared(declared);
        if (Of(root, ExtensionOid.PolicyConstraints) is not { } constraints) return;
        (int? require, int? inhibit) = ReadConstraints(constraints);
        if (require is not null) _explicitPolicy = 0;
        if (inhibit is not null) _policyMapping = 0;
    }

    // Section 6.1.3 (d) to (f), and then 6.1.4 or, for the last one, 6.1.5.
    private bool Take(X509Certificate2 certificate, bool isLast)
    {
        bool isSelfIssued = DistinguishedName.AreSame(certificate.SubjectName, certificate.IssuerName);
        Declare(certificate, takesAny: _inhibitAny > 0 || (!isLast && isSelfIssued));
        if (_explicitPolicy == 0 && _valid.Count == 0) return false;
        if (!isLast) Map(certificate);
        if (!isSelfIssued || isLast) Count(ref _explicitPolicy);
        if (!isSelfIssued)
        {
            Count(ref _policyMapping);
            Count(ref _inhibitAny);
        }

        (int? require, int? inhibit) = Of(certificate, ExtensionOid.PolicyConstraints) is { } bytes
            ? ReadConstraints(bytes)
            : default;
        if (isLast) return (require != 0 && _explicitPolicy > 0) || _valid.Count > 0;
        _explicitPolicy = Math.Min(_explicitPolicy, require ?? Never);
        _policyMapping = Math.Min(_policyMapping, inhibit ?? Never);
        if (Of(certificate, ExtensionOid.InhibitAnyPolicy) is { } any) _inhibitAny = Math.Min(_inhibitAny, ReadSkip(any));
        return true;
    }

    private void Declare(X509Certificate2 certificate, bool takesAny)
    {
        HashSet<string> declared = Of(certificate, ExtensionOid.CertificatePolicies) is { } bytes ? ReadDeclared(bytes) : [];
        bool keepsAll = declared.Remove(AnyPolicy) && takesAny;
        var valid = new HashSet<string>(keepsAll ? _valid : []);
        valid.UnionWith(declared.Where(p => _valid.Contains(p) || _valid.Contains(AnyPolicy)));
        _valid = valid;
    }

    private void Map(X509Certificate2 certificate)
    {
        if (Of(certificate, ExtensionOid.PolicyMappings) is not { } bytes) return;
        List<(string Issuer, string Subject)> mappings = ReadMappings(bytes);
        string[] mapped = _policyMapping == 0
            ? []
            : [.. mappings.Where(m => _valid.Contains(m.Issuer) || _valid.Contains(AnyPolicy)).Select(m => m.Subject)];
        _valid.ExceptWith(mappings.Select(m => m.Issuer));
        _valid.UnionWith(mapped);
    }

    private static void Count(ref int remaining)
    {
        if (remaining > 0) remaining--;
    }

    private static ReadOnlyMemory<byte>? Of(X509Certificate2 certificate, string oid) =>
        // The cast: without it null becomes an empty extension.
        certificate.Extensions[oid] is { } extension ? (ReadOnlyMemory<byte>?)extension.RawData : null;

    private static AsnReader Open(ReadOnlyMemory<byte> extension)
    {
        var whole = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        return sequence.HasData ? sequence : throw new AsnContentException("It is empty.");
    }

    private static int? ReadOptional(AsnReader sequence, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number);
        return sequence.HasData && sequence.PeekTag().HasSameClassAndValue(tag) ? ReadCount(sequence, tag) : null;
    }

    private static int ReadCount(AsnReader reader, Asn1Tag tag)
    {
        System.Numerics.BigInteger count = reader.ReadInteger(tag);
        return count.Sign < 0 ? throw new AsnContentException("A count below zero.") : (int)System.Numerics.BigInteger.Min(count, Never);
    }
}
