using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs.UnitTests;

public sealed class CertificateAuthorityTests
{
    private static readonly string[] Hosts = ["localhost", "server.example", "*.wild.example", "127.0.0.1", "::1", "10.1.2.3"];

    [Theory]
    [InlineData(KeyAlgorithm.P256)]
    [InlineData(KeyAlgorithm.P384)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    [InlineData(KeyAlgorithm.Rsa3072)]
    public void Each_certificate_is_accepted_in_its_own_role_and_refused_in_the_other(KeyAlgorithm algorithm)
    {
        using var ca = new CertificateAuthority(algorithm, SetDirectory.Year);
        using X509Certificate2 server = ca.Issue(PeerRole.Server, Hosts, SetDirectory.Year);
        using X509Certificate2 client = ca.Issue(PeerRole.Client, ["client.rawecho.test"], SetDirectory.Year);

        Assert.Equal(CertificateFault.None, Verify(server, ca, PeerRole.Server).Fault);
        Assert.Equal(CertificateFault.None, Verify(client, ca, PeerRole.Client).Fault);
        Assert.Equal(CertificateFault.WrongPurpose, Verify(server, ca, PeerRole.Client).Fault);
        Assert.Equal(CertificateFault.WrongPurpose, Verify(client, ca, PeerRole.Server).Fault);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("server.example")]
    [InlineData("SERVER.example")]
    [InlineData("any.wild.example")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    public void Every_host_is_matched(string host) => Assert.Equal(CertificateFault.None, VerifyServer(host).Fault);

    [Theory]
    [InlineData("other.example")]
    [InlineData("wild.example")]
    [InlineData("a.b.wild.example")]
    [InlineData("127.0.0.2")]
    [InlineData("::2")]
    public void No_other_host_is_matched(string host) => Assert.Equal(CertificateFault.NameMismatch, VerifyServer(host).Fault);

    [Fact]
    public void A_certificate_of_another_CA_is_refused_even_if_the_two_have_the_same_name()
    {
        using var trusted = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year, "Same name");
        using var foreign = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year, "Same name");
        using X509Certificate2 server = foreign.Issue(PeerRole.Server, Hosts, SetDirectory.Year);
        Assert.False(Verify(server, trusted, PeerRole.Server).Accepted);
    }

    [Fact]
    public void The_CA_itself_does_not_pass_for_a_peer()
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        Assert.False(Verify(ca.Certificate, ca, PeerRole.Server).Accepted);
        Assert.False(Verify(ca.Certificate, ca, PeerRole.Client).Accepted);
    }

    [Fact]
    public void Extensions_are_those_of_a_root_and_of_a_leaf()
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        using X509Certificate2 server = ca.Issue(PeerRole.Server, Hosts, SetDirectory.Year);

        X509BasicConstraintsExtension root = Extension<X509BasicConstraintsExtension>(ca.Certificate);
        Assert.True(root is { Critical: true, CertificateAuthority: true, HasPathLengthConstraint: true, PathLengthConstraint: 0 });
        X509KeyUsageExtension rootUsage = Extension<X509KeyUsageExtension>(ca.Certificate);
        Assert.Equal((X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true), (rootUsage.KeyUsages, rootUsage.Critical));

        Assert.True(Extension<X509BasicConstraintsExtension>(server) is { Critical: true, CertificateAuthority: false });
        X509KeyUsageExtension usage = Extension<X509KeyUsageExtension>(server);
        Assert.Equal((X509KeyUsageFlags.DigitalSignature, true), (usage.KeyUsages, usage.Critical));
        Oid purpose = Assert.Single(Extension<X509EnhancedKeyUsageExtension>(server).EnhancedKeyUsages.Cast<Oid>());
        Assert.Equal("1.3.6.1.5.5.7.3.1", purpose.Value);
        Assert.Equal(
            Extension<X509SubjectKeyIdentifierExtension>(ca.Certificate).SubjectKeyIdentifierBytes.ToArray(),
            Extension<X509AuthorityKeyIdentifierExtension>(server).KeyIdentifier!.Value.ToArray());
        Assert.Equal(3, server.Version);
    }

    [Theory]
    [InlineData(KeyAlgorithm.P256, "1.2.840.10045.4.3.2")]
    [InlineData(KeyAlgorithm.P384, "1.2.840.10045.4.3.3")]
    [InlineData(KeyAlgorithm.Rsa2048, "1.2.840.113549.1.1.11")]
    public void The_signature_fits_the_key(KeyAlgorithm algorithm, string signature)
    {
        using var ca = new CertificateAuthority(algorithm, SetDirectory.Year);
        using X509Certificate2 client = ca.Issue(PeerRole.Client, ["client"], SetDirectory.Year);
        Assert.Equal(signature, ca.Certificate.SignatureAlgorithm.Value);
        Assert.Equal(signature, client.SignatureAlgorithm.Value);
    }

    [Fact]
    public void Serials_have_16_bytes_and_are_positive_and_never_the_same()
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        var serials = new HashSet<string>();
        for (int i = 0; i < 50; i++)
        {
            using X509Certificate2 client = ca.Issue(PeerRole.Client, ["client"], SetDirectory.Year);
            byte[] serial = client.SerialNumberBytes.ToArray();
            Assert.Equal(16, serial.Length);
            Assert.InRange(serial[0], 0x40, 0x7F);
            Assert.True(serials.Add(client.SerialNumber));
        }
    }

    [Fact]
    public void Validity_begins_an_hour_earlier_for_clocks_that_are_behind()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, Validity.ForDays(30, now));
        Assert.Equal(now.AddHours(-1).ToUnixTimeSeconds(), new DateTimeOffset(ca.Certificate.NotBefore).ToUnixTimeSeconds());
        Assert.Equal(now.AddDays(30).ToUnixTimeSeconds(), new DateTimeOffset(ca.Certificate.NotAfter).ToUnixTimeSeconds());
    }

    [Fact]
    public void A_first_host_too_long_for_a_common_name_is_still_matched()
    {
        string host = $"{new string('a', 60)}.{new string('b', 60)}.example";
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        using X509Certificate2 server = ca.Issue(PeerRole.Server, [host], SetDirectory.Year);
        Assert.Equal("CN=RawEcho Server", server.Subject);
        Assert.Equal(CertificateFault.None, Verify(server, ca, PeerRole.Server, host).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("https://host")]
    [InlineData("host:443")]
    [InlineData("host.")]
    [InlineData("a..b")]
    [InlineData("-a")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("256.1.1.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("*.")]
    [InlineData("a.*.example")]
    public void What_is_no_host_is_not_issued(string host)
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        Assert.Throws<ArgumentException>(() => ca.Issue(PeerRole.Server, [host], SetDirectory.Year));
    }

    private static T Extension<T>(X509Certificate2 certificate) where T : X509Extension =>
        Assert.Single(certificate.Extensions.OfType<T>());

    private static PeerVerdict VerifyServer(string host)
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, SetDirectory.Year);
        using X509Certificate2 server = ca.Issue(PeerRole.Server, Hosts, SetDirectory.Year);
        return Verify(server, ca, PeerRole.Server, host);
    }

    private static PeerVerdict Verify(X509Certificate2 certificate, CertificateAuthority ca, PeerRole role, string? host = null) =>
        PeerVerifier.Verify(certificate, [], [ca.Certificate], role, host);
}
