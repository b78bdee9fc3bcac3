using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Testing;

/// <summary>What a test certificate is like; the defaults make a good one.</summary>
public sealed record Leaf
{
    public string Subject { get; init; } = "CN=test";

    public string[] DnsNames { get; init; } = ["localhost"];

    public string[] IpAddresses { get; init; } = ["127.0.0.1", "::1"];

    public string[] Uris { get; init; } = [];

    /// <summary>EKU object identifiers; null for no extension.</summary>
    public string[]? Purposes { get; init; } = [TestPki.ServerAuth, TestPki.ClientAuth];

    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool IsAuthority { get; init; }

    public TimeSpan NotBefore { get; init; } = TimeSpan.FromHours(-1);

    public TimeSpan NotAfter { get; init; } = TimeSpan.FromDays(30);

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>RSA of so many bits instead of ECDSA P-256.</summary>
    public int? RsaBits { get; init; }

    public ECCurve Curve { get; init; } = ECCurve.NamedCurves.nistP256;

    /// <summary>Bytes in an extension that nobody knows: it makes the certificate as large as a test wants.</summary>
    public int Padding { get; init; }
}

/// <summary>A CA that signs every kind of wrong certificate, and good ones.</summary>
public sealed class TestPki : IDisposable
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    // An arc for examples (RFC 5612).
    private const string UnknownExtension = "1.3.6.1.4.1.32473.1";

    private readonly X509Certificate2 _issuer;

    public TestPki(string name = "CN=Test CA")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        AsAuthority(request);
        _issuer = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(400));
        Roots = [X509CertificateLoader.LoadCertificate(_issuer.RawData)];
    }

    private TestPki(X509Certificate2 issuer, X509Certificate2Collection roots) => (_issuer, Roots) = (issuer, roots);

    public X509Certificate2Collection Roots { get; }

    public string CaPem => Roots[0].ExportCertificatePem();

    public X509Certificate2 Issuer => _issuer;

    /// <summary>A CA below this one.</summary>
    public TestPki Intermediate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        AsAuthority(request);
        using X509Certificate2 signed = request.Create(
            _issuer, DateTimeOffset.UtcNow.AddDays(-300), DateTimeOffset.UtcNow.AddDays(300), Serial());
        return new TestPki(signed.CopyWithPrivateKey(key), Roots);
    }

    public X509Certificate2 Issue(Leaf leaf)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (leaf.RsaBits is { } bits)
        {
            using RSA rsa = RSA.Create(bits);
            var rsaRequest = new CertificateRequest(leaf.Subject, rsa, leaf.Hash, RSASignaturePadding.Pkcs1);
            Fill(rsaRequest, leaf);
            using X509Certificate2 rsaSigned = Sign(rsaRequest, leaf, now);
            return rsaSigned.CopyWithPrivateKey(rsa);
        }

        using ECDsa key = ECDsa.Create(leaf.Curve);
        var request = new CertificateRequest(leaf.Subject, key, leaf.Hash);
        Fill(request, leaf);
        using X509Certificate2 signed = Sign(request, leaf, now);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate that its own key signed.</summary>
    public static X509Certificate2 SelfSigned(Leaf leaf)
    {
        using ECDsa key = ECDsa.Create(leaf.Curve);
        var request = new CertificateRequest(leaf.Subject, key, leaf.Hash);
        Fill(request, leaf);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow + leaf.NotBefore, DateTimeOffset.UtcNow + leaf.NotAfter);
    }

    /// <summary>A certificate and key as an identity, by way of PEM files, as users give them.</summary>
    public TlsIdentity Identity(Leaf leaf, params TestPki[] intermediates)
    {
        using var folder = new TempFolder();
        (string certificate, string key) = WritePem(folder, "leaf", leaf, intermediates);
        return TlsIdentity.FromPem(certificate, key);
    }

    public (string Certificate, string Key) WritePem(TempFolder folder, string name, Leaf leaf, params TestPki[] intermediates)
    {
        using X509Certificate2 certificate = Issue(leaf);
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        string chain = string.Join(
            '\n', intermediates.Select(i => i.Issuer.ExportCertificatePem()).Prepend(certificate.ExportCertificatePem()));
        return (folder.Write($"{name}.pem", chain), folder.Write($"{name}-key.pem", key.ExportPkcs8PrivateKeyPem()));
    }

    public void Dispose() => _issuer.Dispose();

    private X509Certificate2 Sign(CertificateRequest request, Leaf leaf, DateTimeOffset now)
    {
        using ECDsa key = _issuer.GetECDsaPrivateKey()!;
        return request.Create(
            _issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now + leaf.NotBefore, now + leaf.NotAfter, Serial());
    }

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        serial[0] |= 0x01;
        return serial;
    }

    private static void AsAuthority(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    private static void Fill(CertificateRequest request, Leaf leaf)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(leaf.IsAuthority, false, 0, true));
        if (leaf.KeyUsage is { } usage) request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        if (leaf.Purposes is { } purposes)
        {
            OidCollection oids = [];
            foreach (string purpose in purposes) oids.Add(new Oid(purpose));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (string name in leaf.DnsNames) names.AddDnsName(name);
        foreach (string address in leaf.IpAddresses) names.AddIpAddress(IPAddress.Parse(address));
        foreach (string uri in leaf.Uris) names.AddUri(new Uri(uri));
        if (leaf.DnsNames.Length + leaf.IpAddresses.Length + leaf.Uris.Length > 0) request.CertificateExtensions.Add(names.Build());
        if (leaf.Padding > 0)
            request.CertificateExtensions.Add(
                new X509Extension(UnknownExtension, RandomNumberGenerator.GetBytes(leaf.Padding), critical: false));
    }
}
