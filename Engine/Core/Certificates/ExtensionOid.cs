namespace RawEcho.Engine.Certificates;

/// <summary>Extensions of certificates (RFC 5280 section 4.2) by their object identifiers, and in words.</summary>
internal static class ExtensionOid
{
    public const string SubjectKeyIdentifier = "2.5.29.14", KeyUsage = "2.5.29.15", SubjectAlternativeName = "2.5.29.17",
        IssuerAlternativeName = "2.5.29.18", BasicConstraints = "2.5.29.19", NameConstraints = "2.5.29.30",
        RevocationListPoints = "2.5.29.31",
        CertificatePolicies = "2.5.29.32", PolicyMappings = "2.5.29.33", AuthorityKeyIdentifier = "2.5.29.35",
        PolicyConstraints = "2.5.29.36", ExtendedKeyUsage = "2.5.29.37", InhibitAnyPolicy = "2.5.29.54";

    /// <summary>key usage (2.5.29.15); the identifier alone for an extension that is not decided by.</summary>
    public static string Describe(string oid) => NameOf(oid) is { } name ? $"{name} ({oid})" : $"extension {oid}";

    private static string? NameOf(string oid) => oid switch
    {
        SubjectKeyIdentifier => "subject key identifier",
        KeyUsage => "key usage",
        SubjectAlternativeName => "subject alternative name",
        IssuerAlternativeName => "issuer alternative name",
        BasicConstraints => "basic constraints",
        NameConstraints => "name constraints",
        CertificatePolicies => "certificate policies",
        PolicyMappings => "policy mappings",
        AuthorityKeyIdentifier => "authority key identifier",
        PolicyConstraints => "policy constraints",
        ExtendedKeyUsage => "extended key usage",
        InhibitAnyPolicy => "inhibit anyPolicy",
        _ => null,
    };
}
