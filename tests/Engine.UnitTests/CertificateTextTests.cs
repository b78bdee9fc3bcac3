using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public sealed class CertificateTextTests : IDisposable
{
    private readonly Party _ca = new("CN=CA");

    [Fact]
    public void A_key_is_named_by_its_kind_and_size()
    {
        using TestPki pki = new();
        using X509Certificate2 rsa = pki.Issue(new Leaf { RsaBits = 2048 }),
            ec = pki.Issue(new Leaf { Curve = ECCurve.NamedCurves.nistP384 });
        Assert.Equal(("RSA 2048", "ECDSA P-384"), (CertificateText.Key(rsa), CertificateText.Key(ec)));
    }

    [Fact]
    public void A_curve_that_is_written_out_instead_of_named_is_described_and_refused()
    {
        // P-256 from another base point: any point of the curve will do, because their number is prime.
        using ECDsa some = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters writtenOut = some.ExportExplicitParameters(includePrivateParameters: false);
        ECCurve curve = writtenOut.Curve;
        curve.G = writtenOut.Q;
        using var odd = new Party("CN=odd", ECDsa.Create(curve));
        using X509Certificate2 root = CertificateForge.Authority().Sign(_ca, _ca), certificate = CertificateForge.Peer().Sign(odd, _ca);
        Assert.Equal("ECDSA on a curve without a name", CertificateText.Key(certificate));
        Assert.False(PeerVerifier.Verify(certificate, [], [root], PeerRole.Client).Accepted);
    }

    [Fact]
    public void Purposes_that_are_absent_and_purposes_that_are_empty_are_not_the_same()
    {
        using X509Certificate2 absent = new CertificateForge().Sign(_ca, _ca);
        using X509Certificate2 empty =
            new CertificateForge { Extensions = [CertificateForge.Raw("2.5.29.37", [0x30, 0], critical: false)] }.Sign(_ca, _ca);
        using X509Certificate2 both = CertificateForge.Peer().Sign(_ca, _ca);
        Assert.Empty(CertificateText.Purposes(absent));
        Assert.Equal(["none"], CertificateText.Purposes(empty));
        Assert.Equal(["TLS server", "TLS client"], CertificateText.Purposes(both));
    }

    [Theory]
    [InlineData(-9, -1, "EXPIRED")]
    [InlineData(1, 9, "NOT YET VALID")]
    [InlineData(-1, 1, "1 day left")]
    [InlineData(-1, 2, "2 days left")]
    public void What_is_left_is_said_in_days(int from, int to, string left)
    {
        var now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.FromHours(2));
        var period = new ValidityPeriod(now.AddDays(from), now.AddDays(to));
        Assert.EndsWith(" 10:00 UTC, " + left, CertificateText.Validity(period, now), StringComparison.Ordinal);
    }

    [Fact]
    public void What_steers_a_terminal_or_reorders_a_line_is_replaced() =>
        Assert.Equal("a?b?c?d?e \U0001F600", PeerText.Clean("a\u001bb\u202Ec\u2028d\ne \U0001F600"));

    public void Dispose() => _ca.Dispose();
}
