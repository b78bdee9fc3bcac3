using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public sealed class PeerVerifierTests : IDisposable
{
    private readonly TestPki _pki = new();

    public static TheoryData<Leaf, PeerRole, CertificateFault> Cases => new()
    {
        { new Leaf { Purposes = [TestPki.ServerAuth] }, PeerRole.Server, CertificateFault.None },
        { new Leaf { Purposes = [TestPki.ClientAuth] }, PeerRole.Client, CertificateFault.None },
        { new Leaf { RsaBits = 2048 }, PeerRole.Client, CertificateFault.None },
        { new Leaf { Curve = ECCurve.NamedCurves.nistP384 }, PeerRole.Client, CertificateFault.None },
        { new Leaf { KeyUsage = null }, PeerRole.Client, CertificateFault.None },
        { new Leaf { Purposes = [TestPki.ServerAuth] }, PeerRole.Client, CertificateFault.WrongPurpose },
        { new Leaf { Purposes = [TestPki.ClientAuth] }, PeerRole.Server, CertificateFault.WrongPurpose },
        { new Leaf { Purposes = null }, PeerRole.Client, CertificateFault.WrongPurpose },
        { new Leaf { Purposes = ["2.5.29.37.0"] }, PeerRole.Client, CertificateFault.WrongPurpose },
        { new Leaf { NotBefore = TimeSpan.FromDays(-30), NotAfter = TimeSpan.FromDays(-1) }, PeerRole.Client, CertificateFault.Expired },
        { new Leaf { NotBefore = TimeSpan.FromDays(1) }, PeerRole.Client, CertificateFault.NotYetValid },
        {
            new Leaf { IsAuthority = true, KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign },
            PeerRole.Client,
            CertificateFault.AuthorityAsPeer
        },
        { new Leaf { KeyUsage = X509KeyUsageFlags.KeyEncipherment }, PeerRole.Client, CertificateFault.WrongKeyUsage },
        { new Leaf { RsaBits = 1024 }, PeerRole.Client, CertificateFault.WeakKey },
        { new Leaf { Curve = ECCurve.NamedCurves.brainpoolP256r1 }, PeerRole.Client, CertificateFault.WeakKey },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accepts_what_belongs_and_names_what_does_not(Leaf leaf, PeerRole role, CertificateFault expected)
    {
        using X509Certificate2 certificate = _pki.Issue(leaf);
        PeerVerdict verdict = PeerVerifier.Verify(certificate, [], _pki.Roots, role);
        Assert.Equal(expected, verdict.Fault);
        Assert.Equal(expected == CertificateFault.None, verdict.Explanation is null);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_its_own_certificate_a_side_thinks_what_its_peer_will(Leaf leaf, PeerRole role, CertificateFault expected)
    {
        using X509Certificate2 certificate = _pki.Issue(leaf);
        Assert.Equal(expected, PeerVerifier.EvaluateOwn(certificate, role).Fault);
        bool waived = expected == CertificateFault.AuthorityAsPeer || (expected == CertificateFault.WrongPurpose && leaf.Purposes is null);
        Assert.Equal(waived ? CertificateFault.None : expected, PeerVerifier.EvaluateOwn(certificate, role, TlsPolicy.Legacy).Fault);
    }

    [Fact]
    public void A_foreign_CA_of_the_same_name_is_not_trusted()
    {
        using var foreign = new TestPki();
        using X509Certificate2 certificate = foreign.Issue(new Leaf());
        PeerVerdict verdict = PeerVerifier.Verify(certificate, foreign.Roots, _pki.Roots, PeerRole.Client);
        Assert.Contains(verdict.Fault, new[] { CertificateFault.UntrustedIssuer, CertificateFault.BadSignature });
    }

    [Fact]
    public void A_self_signed_certificate_is_not_trusted()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 self = new CertificateRequest("CN=self", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal(CertificateFault.UntrustedIssuer, PeerVerifier.Verify(self, [], _pki.Roots, PeerRole.Client).Fault);
    }

    [Fact]
    public void A_SHA1_signature_in_the_chain_is_refused()
    {
        using RSA ca = RSA.Create(2048);
        var request = new CertificateRequest("CN=RSA CA", ca, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=old", key, HashAlgorithmName.SHA1);
        leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TestPki.ClientAuth)], false));
        using X509Certificate2 signed = leaf.Create(
            root.SubjectName, new Sha1Generator(ca), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        PeerVerdict verdict = PeerVerifier.Verify(signed, [], [root], PeerRole.Client);
        Assert.Equal(CertificateFault.WeakSignature, verdict.Fault);
    }

    [Fact]
    public void An_intermediate_that_was_sent_completes_the_chain_and_without_it_there_is_none()
    {
        using var rootPki = new TestPki("CN=Deep root");
        using TestPki intermediate = rootPki.Intermediate("CN=Between");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        PeerVerdict with = PeerVerifier.Verify(certificate, [intermediate.Issuer], rootPki.Roots, PeerRole.Client);
        PeerVerdict without = PeerVerifier.Verify(certificate, [], rootPki.Roots, PeerRole.Client);
        Assert.Equal(CertificateFault.None, with.Fault);
        Assert.Equal(CertificateFault.UntrustedIssuer, without.Fault);
    }

    [Fact]
    public void No_certificate_is_refused() =>
        Assert.Equal(CertificateFault.Missing, PeerVerifier.Verify(null, [], _pki.Roots, PeerRole.Client).Fault);

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("example.org", false)]
    [InlineData("test", false)]
    public void A_server_must_have_the_name_that_was_dialled(string name, bool matches)
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        PeerVerdict verdict = PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Server, name);
        Assert.Equal(matches ? CertificateFault.None : CertificateFault.NameMismatch, verdict.Fault);
    }

    [Theory]
    [InlineData("a.example.org", true)]
    [InlineData("example.org", false)]
    [InlineData("a.b.example.org", false)]
    public void A_wildcard_stands_for_one_whole_label(string name, bool matches)
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf { DnsNames = ["*.example.org"] });
        Assert.Equal(matches, PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Server, name).Accepted);
    }

    [Fact]
    public void A_common_name_alone_is_no_name()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf { Subject = "CN=localhost", DnsNames = [], IpAddresses = [] });
        Assert.Equal(CertificateFault.NameMismatch, PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Server, "localhost").Fault);
    }

    [Fact]
    public void Control_characters_of_a_name_do_not_reach_the_log()
    {
        using X509Certificate2 certificate = _pki.Issue(
            new Leaf { Subject = "CN=\"evil\u001b[2J\nline\"", NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) });
        string explanation = PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Client).Explanation!;
        Assert.DoesNotContain(explanation, char.IsControl);
    }

    [Fact]
    public void Time_decides_what_is_valid()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf { NotAfter = TimeSpan.FromDays(10) });
        Assert.Equal(
            CertificateFault.None, PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Client, time: DateTime.Now.AddDays(9)).Fault);
        Assert.Equal(
            CertificateFault.Expired,
            PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Client, time: DateTime.Now.AddDays(11)).Fault);
        using X509Certificate2 past = _pki.Issue(new Leaf { NotBefore = TimeSpan.FromDays(-20), NotAfter = TimeSpan.FromDays(-10) });
        Assert.Equal(
            CertificateFault.None, PeerVerifier.Verify(past, [], _pki.Roots, PeerRole.Client, time: DateTime.Now.AddDays(-15)).Fault);
    }

    [Fact]
    public void A_key_that_is_neither_RSA_nor_ECDSA_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ca = new Party("CN=CA", key);
        using X509Certificate2 root = CertificateForge.Authority().Sign(ca, ca);
        // Ed25519 (RFC 8410): 32 bytes, and no parameters.
        var ed25519 = new PublicKey(new Oid("1.3.101.112"), null, new AsnEncodedData(RandomNumberGenerator.GetBytes(32)));
        var request = new CertificateRequest(new X500DistinguishedName("CN=modern"), ed25519, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TestPki.ClientAuth)], false));
        using X509Certificate2 modern = request.Create(
            ca.Name, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        Assert.Equal(CertificateFault.WeakKey, PeerVerifier.Verify(modern, [], [root], PeerRole.Client).Fault);
    }

    public void Dispose() => _pki.Dispose();

    private sealed class Sha1Generator(RSA key) : X509SignatureGenerator
    {
        private readonly X509SignatureGenerator _inner = CreateForRSA(key, RSASignaturePadding.Pkcs1);

        // sha1WithRSAEncryption: SEQUENCE { 1.2.840.113549.1.1.5, NULL }
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => _inner.PublicKey;
    }
}
