using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>A file that is something else than its option asks for is named for what it is.</summary>
public sealed class OtherFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new("CN=Other CA");

    public static TheoryData<string, string> Der => new()
    {
        { "pfx", "is a PKCS#12 file, not a certificate. Name it with --cert alone, without --key." },
        { "pkcs8", "is a private key, not a certificate." },
        { "pkcs8-encrypted", "is an encrypted private key, not a certificate." },
        { "sec1", "is a private key, not a certificate." },
        { "pkcs1", "is a private key, not a certificate." },
        { "spki", "is a public key, not a certificate." },
        { "request", "is a certificate request, not a certificate." },
        { "list", "is a revocation list, not a certificate." },
        { "pkcs7", "is a PKCS#7 file, not a certificate." },
        { "empty-sequence", "is not a certificate." },
    };

    [Theory]
    [MemberData(nameof(Der))]
    public void What_stands_in_place_of_a_certificate_in_der_is_named(string kind, string sentence)
    {
        string file = _folder["file"];
        File.WriteAllBytes(file, Make(kind));
        var failure = Assert.Throws<CertificateFileException>(() => TrustStore.Read(file));
        Assert.Equal($"{file}: {sentence}", ProblemText.Of(failure));
        // The same file beside a key.
        (_, string key) = _pki.WritePem(_folder, "own", new Leaf { Subject = "CN=own" });
        failure = Assert.Throws<CertificateFileException>(() => TlsIdentity.Load(file, key, null));
        Assert.Equal($"{file}: {sentence}", ProblemText.Of(failure));
    }

    [Fact]
    public void What_stands_in_place_of_a_key_or_a_certificate_in_pem_is_named()
    {
        (string certificate, string key) = _pki.WritePem(_folder, "own", new Leaf { Subject = "CN=own" });
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string other = _folder.Write("public.pem", ec.ExportSubjectPublicKeyInfoPem());
        Assert.EndsWith(
            "holds no private key but \"PUBLIC KEY\".",
            Assert.Throws<CertificateFileException>(() => TlsIdentity.Load(certificate, other, null)).Message,
            StringComparison.Ordinal);
        const string noCertificate = "holds no certificate but \"PUBLIC KEY\" (expected PEM: -----BEGIN CERTIFICATE-----).";
        Assert.EndsWith(
            noCertificate, Assert.Throws<CertificateFileException>(() => TrustStore.Read(other)).Message, StringComparison.Ordinal);
        Assert.EndsWith(
            noCertificate,
            Assert.Throws<CertificateFileException>(() => TlsIdentity.Load(other, key, null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_trusted_certificate_whose_key_is_not_accepted_is_described_by_its_key()
    {
        using var weak = RSA.Create(1024);
        using X509Certificate2 rsa =
            SelfSigned(new CertificateRequest("CN=weak", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        using var other = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        using X509Certificate2 curve = SelfSigned(new CertificateRequest("CN=curve", other, HashAlgorithmName.SHA256));
        TrustAnchors anchors = TrustAnchors.Examine([rsa, curve], partialChain: false, TlsPolicy.Strict, DateTimeOffset.UtcNow);
        Assert.False(anchors.CanAccept);
        Assert.Equal(
            "The certificate \"CN=weak\" has a key that is too weak: RSA with 1024 bits. Nothing below it is accepted.",
            anchors.Problems[0].Describe());
        Assert.StartsWith(
            "The certificate \"CN=curve\" has a key that is of a kind that is not accepted: the curve ",
            anchors.Problems[1].Describe(),
            StringComparison.Ordinal);

        static X509Certificate2 SelfSigned(CertificateRequest request) =>
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public void Dispose()
    {
        _pki.Dispose();
        _folder.Dispose();
    }

    private byte[] Make(string kind)
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 leaf = _pki.Issue(new Leaf { Subject = "CN=leaf" });
        using var issuer = new Party(_pki.Issuer.Subject, _pki.Issuer.GetECDsaPrivateKey());
        switch (kind)
        {
            case "pfx":
                return leaf.Export(X509ContentType.Pfx);
            case "pkcs8":
                return ec.ExportPkcs8PrivateKey();
            case "pkcs8-encrypted":
                var protection = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);
                return ec.ExportEncryptedPkcs8PrivateKey("x", protection);
            case "sec1":
                return ec.ExportECPrivateKey();
            case "pkcs1":
                using (var rsa = RSA.Create(2048)) return rsa.ExportRSAPrivateKey();
            case "spki":
                return ec.ExportSubjectPublicKeyInfo();
            case "request":
                return new CertificateRequest("CN=request", ec, HashAlgorithmName.SHA256).CreateSigningRequest();
            case "list":
                string pem = new RevocationListForge().SignToPem(issuer);
                PemFields fields = PemEncoding.Find(pem);
                return Convert.FromBase64String(pem[fields.Base64Data]);
            case "pkcs7":
                return new X509Certificate2Collection(leaf).Export(X509ContentType.Pkcs7)!;
            default:
                return [0x30, 0];
        }
    }
}
