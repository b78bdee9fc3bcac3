using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>What the texts of peers cost: one copy for all of their connections, and no garbage for what is known.</summary>
public sealed class SharedTextTests : IDisposable
{
    private readonly TestPki _pki = new();

    [Fact]
    public void A_text_as_long_as_a_certificate_may_be_is_not_kept()
    {
        string name = $"CN={new string('x', 64 * 1024)}";
        Assert.NotSame(SharedText.Of(name.AsSpan()), SharedText.Of(name.AsSpan()));
        Assert.Equal(name, SharedText.Of(name));
    }

    [Fact]
    public void Two_certificates_of_one_peer_share_its_names()
    {
        var leaf = new Leaf { Subject = "CN=shared", DnsNames = ["One.Example.org"], Uris = ["spiffe://example.org/Shared"] };
        PeerIdentity first = Verified(leaf), second = Verified(leaf);
        Assert.Equal(["cn:shared", "dns:one.example.org", "uri:spiffe://example.org/Shared"], first.Names);
        Assert.Same(first.Subject, second.Subject);
        Assert.All(first.Names.Zip(second.Names), pair => Assert.Same(pair.First, pair.Second));
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void One_certificate_on_many_connections_is_described_once()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        using X509Certificate2 again = X509CertificateLoader.LoadCertificate(certificate.RawData);
        CertificateSummary first = CertificateSummary.Of(certificate)!, second = CertificateSummary.Of(again)!;
        Assert.Same(first.Issuer, second.Issuer);
        Assert.Same(first.Subject, second.Subject);
        Assert.Same(first.Thumbprint, second.Thumbprint);
    }

    [Fact]
    public void Known_text_allocates_nothing()
    {
        Assert.Equal(0, Allocated(() => SharedText.OfUtf8("server.example.org"u8)));
        Assert.Equal(0, Allocated(() => SharedText.Of("dns:server.example.org".AsSpan())));
    }

    [Fact]
    public void Beyond_its_bound_text_is_still_right()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 5000; i++)
            {
                string text = i.ToString(CultureInfo.InvariantCulture);
                Assert.Equal(text, SharedText.Of(text.AsSpan()));
            }
        }
    }

    [Fact]
    public void Text_that_needs_no_cleaning_is_handed_on_as_it_is()
    {
        const string harmless = "The certificate \"CN=alice\" \U0001F600 expired.";
        Assert.Same(harmless, PeerText.Clean(harmless));
        Assert.Equal(0, Allocated(() => PeerText.Clean(harmless)));
        Assert.Equal("\uFFFD?\uFFFD", PeerText.Clean("\uD83D\u0007\uDE00"));
        Assert.Empty(PeerText.Clean(""));
    }

    [Fact]
    public void A_chain_is_recognised_without_garbage()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        X509Certificate2Collection sent = [_pki.Issuer, _pki.Issuer];
        int bytes = certificate.RawData.Length + (2 * _pki.Issuer.RawData.Length);
        byte[] together = [.. certificate.RawData, .. _pki.Issuer.RawData, .. _pki.Issuer.RawData];
        Assert.Equal(Digest.Of(together), Digest.OfChain(certificate, sent, bytes));
        // The enumerator of the collection.
        Assert.InRange(Allocated(() => Digest.OfChain(certificate, sent, bytes)), 0, 100);
    }

    public void Dispose() => _pki.Dispose();

    private PeerIdentity Verified(Leaf leaf)
    {
        using X509Certificate2 certificate = _pki.Issue(leaf);
        var memory = new VerdictMemory([.. _pki.Roots], PeerRole.Client, expectedName: null, TlsPolicy.Strict);
        return memory.Evaluate(certificate, []).Peer!;
    }

    // The least of several runs: what the runtime does once is not what each call costs.
    private static long Allocated<T>(Func<T> call)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 100; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
