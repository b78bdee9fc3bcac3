using k8s.Models;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A Certificate of cert-manager.io/v1 (https://cert-manager.io/docs/reference/api-docs/), as far as it is used here. It is no part of the
/// API of Kubernetes, so the package has no type for it.
/// </summary>
internal sealed class CertManagerCertificate
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public CertManagerCertificateSpec Spec { get; set; } = new();
}

internal sealed class CertManagerCertificateSpec
{
    public string SecretName { get; set; } = "";

    public string? CommonName { get; set; }

    public List<string> DnsNames { get; set; } = [];

    public bool IsCA { get; set; }

    public string? Duration { get; set; }

    public string? RenewBefore { get; set; }

    public CertManagerPrivateKey PrivateKey { get; set; } = new();

    public List<string> Usages { get; set; } = [];

    public CertManagerIssuerRef IssuerRef { get; set; } = new();
}

internal sealed class CertManagerPrivateKey
{
    public string Algorithm { get; set; } = "";

    public int Size { get; set; }

    public string? RotationPolicy { get; set; }
}

internal sealed class CertManagerIssuerRef
{
    public string Name { get; set; } = "";

    public string? Kind { get; set; }
}

/// <summary>An Issuer of cert-manager.io/v1: one that signs itself, or one with a CA in a Secret.</summary>
internal sealed class CertManagerIssuer
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public CertManagerIssuerSpec Spec { get; set; } = new();
}

internal sealed class CertManagerIssuerSpec
{
    public Dictionary<string, string>? SelfSigned { get; set; }

    public CertManagerCaIssuer? Ca { get; set; }
}

internal sealed class CertManagerCaIssuer
{
    public string SecretName { get; set; } = "";
}
