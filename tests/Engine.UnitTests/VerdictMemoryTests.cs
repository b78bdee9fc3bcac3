using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public sealed class VerdictMemoryTests : IDisposable
{
    private readonly TestPki _pki = new();
    private readonly X509Certificate2Collection _roots;
    private readonly HandClock _clock = new();
    private readonly VerdictMemory _memory;

    public VerdictMemoryTests()
    {
        _roots = [.. _pki.Roots];
        _memory = new VerdictMemory(_roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict, new KnownIntermediates(), _clock);
    }

    [Fact]
    public void An_accepted_chain_is_recognised_for_a_minute_and_then_looked_at_again()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        Assert.True(_memory.Judge(certificate, []).Accepted);

        // Without a root nothing can be verified any more: what is accepted now is remembered.
        _roots.Clear();
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(_memory.Judge(certificate, []).Accepted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(CertificateFault.UntrustedIssuer, _memory.Judge(certificate, []).Fault);
    }

    [Fact]
    public void Another_certificate_or_another_chain_is_not_recognised()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        using X509Certificate2 twin = intermediate.Issue(new Leaf());
        Assert.True(_memory.Judge(certificate, [intermediate.Issuer]).Accepted);
        _roots.Clear();
        Assert.False(_memory.Judge(certificate, []).Accepted);
        Assert.False(_memory.Judge(twin, [intermediate.Issuer]).Accepted);
        Assert.False(_memory.Judge(certificate, [intermediate.Issuer, intermediate.Issuer]).Accepted);
    }

    [Fact]
    public void A_peer_that_shows_itself_alone_as_in_a_resumed_session_is_completed_by_intermediates_seen_before()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        Assert.Equal(CertificateFault.UntrustedIssuer, _memory.Judge(certificate, []).Fault);
        Assert.True(_memory.Judge(certificate, [intermediate.Issuer]).Accepted);
        Assert.True(_memory.Judge(certificate, []).Accepted);
    }

    [Fact]
    public void What_expires_within_the_minute_is_refused_from_then_on()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf { NotAfter = TimeSpan.FromSeconds(2) });
        Assert.True(_memory.Judge(certificate, []).Accepted);
        Thread.Sleep(TimeSpan.FromSeconds(2.1));
        Assert.Equal(CertificateFault.Expired, _memory.Judge(certificate, []).Fault);
    }

    [Fact]
    public void A_refusal_is_not_remembered()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        _roots.Clear();
        Assert.False(_memory.Judge(certificate, []).Accepted);
        _roots.AddRange(_pki.Roots);
        Assert.True(_memory.Judge(certificate, []).Accepted);
    }

    [Fact]
    public void No_certificate_is_a_refusal() => Assert.Equal(CertificateFault.Missing, _memory.Judge(null, []).Fault);

    [Fact]
    public void A_server_is_recognised_under_its_expected_name_only_by_its_own_memory()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        var local = new VerdictMemory(_roots, PeerRole.Server, "localhost", TlsPolicy.Strict, new KnownIntermediates());
        var other = new VerdictMemory(_roots, PeerRole.Server, "example.org", TlsPolicy.Strict, new KnownIntermediates());
        Assert.True(local.Judge(certificate, []).Accepted);
        Assert.Equal(CertificateFault.NameMismatch, other.Judge(certificate, []).Fault);
    }

    public void Dispose() => _pki.Dispose();

    private sealed class HandClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
