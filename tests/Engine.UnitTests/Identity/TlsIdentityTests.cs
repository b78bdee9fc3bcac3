using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>An identity whose certificate is in memory.</summary>
public sealed class TlsIdentityTests : IDisposable
{
    private readonly TestPki _pki = new();

    [Fact]
    public void A_certificate_in_memory_is_an_identity()
    {
        X509Certificate2 certificate = _pki.Issue(new Leaf { Subject = "CN=in memory" });
        using var identity = TlsIdentity.FromCertificate(certificate, [X509CertificateLoader.LoadCertificate(_pki.Roots[0].RawData)]);
        Assert.True(identity.Certificate is { Subject: "CN=in memory", HasPrivateKey: true });
        Assert.Single(identity.Intermediates);
    }

    [Fact]
    public void A_certificate_without_its_key_is_none()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        Assert.Throws<ArgumentException>("certificate", () => TlsIdentity.FromCertificate(bare));
    }

    public void Dispose() => _pki.Dispose();
}
