using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

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
        _memory = new VerdictMemory(_roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict, _clock);
    }

    [Fact]
    public void An_accepted_chain_is_recognised_for_a_minute_and_then_looked_at_again()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        Assert.True(_memory.Evaluate(certificate, []).Accepted);

        // Without a root nothing can be verified any more: what is accepted now is remembered.
        _roots.Clear();
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(_memory.Evaluate(certificate, []).Accepted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(CertificateFault.UntrustedIssuer, _memory.Evaluate(certificate, []).Fault);
    }

    [Fact]
    public void Another_certificate_or_another_chain_is_not_recognised()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        using X509Certificate2 twin = intermediate.Issue(new Leaf());
        Assert.True(_memory.Evaluate(certificate, [intermediate.Issuer]).Accepted);
        _roots.Clear();
        Assert.False(_memory.Evaluate(certificate, []).Accepted);
        Assert.False(_memory.Evaluate(twin, [intermediate.Issuer]).Accepted);
        Assert.False(_memory.Evaluate(certificate, [intermediate.Issuer, intermediate.Issuer]).Accepted);
    }

    [Fact]
    public void A_peer_that_shows_itself_alone_as_in_a_resumed_session_is_completed_by_intermediates_seen_before()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        Assert.Equal(CertificateFault.UntrustedIssuer, _memory.Evaluate(certificate, []).Fault);
        Assert.True(_memory.Evaluate(certificate, [intermediate.Issuer]).Accepted);
        Assert.True(_memory.Evaluate(certificate, []).Accepted);
    }

    [Fact]
    public void A_peer_that_shows_itself_alone_comes_back_also_where_an_expired_copy_of_its_CA_is_at_hand()
    {
        using Party root = new("CN=Root"), mid = new("CN=Mid"), peer = new("CN=peer");
        using X509Certificate2 rootCa = Authority().Sign(root, root), midCa = Authority().Sign(mid, root),
            expired = (Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }).Sign(mid, root),
            certificate = Peer().Sign(peer, mid);
        var memory = new VerdictMemory([rootCa, expired], PeerRole.Client, expectedName: null, TlsPolicy.Strict, _clock);
        Assert.Equal(CertificateFault.Expired, memory.Evaluate(certificate, []).Fault);
        Assert.True(memory.Evaluate(certificate, [midCa]).Accepted);
        Assert.True(memory.Evaluate(certificate, []).Accepted);
    }

    [Fact]
    public void Intermediates_seen_before_complete_no_chain_that_was_sent_with_others()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate"), unrelated = _pki.Intermediate("CN=Unrelated");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        Assert.True(_memory.Evaluate(certificate, [intermediate.Issuer]).Accepted);
        Assert.Equal(CertificateFault.UntrustedIssuer, _memory.Evaluate(certificate, [unrelated.Issuer]).Fault);
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(9, 1, 9)]
    [InlineData(9, 9, 1)]
    public void When_the_first_certificate_of_a_chain_expires_within_the_minute_it_is_refused_from_then_on(
        int leafDays, int intermediateDays, int rootDays)
    {
        using Party root = new("CN=Root"), intermediate = new("CN=Intermediate"), peer = new("CN=peer");
        using X509Certificate2 rootCa = (Authority() with { NotAfter = TimeSpan.FromDays(rootDays) }).Sign(root, root);
        using X509Certificate2 intermediateCa = (Authority() with { NotAfter = TimeSpan.FromDays(intermediateDays) })
            .Sign(intermediate, root);
        using X509Certificate2 certificate = (Peer() with { NotAfter = TimeSpan.FromDays(leafDays) }).Sign(peer, intermediate);
        _roots.Clear();
        _roots.Add(rootCa);
        _clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(30));
        Assert.True(_memory.Evaluate(certificate, [intermediateCa]).Accepted);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(CertificateFault.Expired, _memory.Evaluate(certificate, [intermediateCa]).Fault);
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(9, 1, 9)]
    [InlineData(9, 9, 1)]
    public void When_the_clock_is_set_back_before_a_certificate_of_the_chain_is_valid_the_chain_is_refused_at_once(
        int leafHours, int intermediateHours, int rootHours)
    {
        using Party root = new("CN=Root"), intermediate = new("CN=Intermediate"), peer = new("CN=peer");
        using X509Certificate2 rootCa = (Authority() with { NotBefore = TimeSpan.FromHours(-rootHours) }).Sign(root, root);
        using X509Certificate2 intermediateCa = (Authority() with { NotBefore = TimeSpan.FromHours(-intermediateHours) })
            .Sign(intermediate, root);
        using X509Certificate2 certificate = (Peer() with { NotBefore = TimeSpan.FromHours(-leafHours) }).Sign(peer, intermediate);
        _roots.Clear();
        _roots.Add(rootCa);
        Assert.True(_memory.Evaluate(certificate, [intermediateCa]).Accepted);
        // The monotonic clock goes on: only the wall clock jumps.
        _clock.SetBack(TimeSpan.FromHours(2));
        Assert.Equal(CertificateFault.NotYetValid, _memory.Evaluate(certificate, [intermediateCa]).Fault);
        _clock.SetBack(TimeSpan.FromHours(-2));
        Assert.True(_memory.Evaluate(certificate, [intermediateCa]).Accepted);
    }

    [Fact]
    public void A_chain_that_is_too_large_is_refused_before_anything_else_is_looked_at()
    {
        using TestPki intermediate = _pki.Intermediate("CN=Intermediate");
        using X509Certificate2 certificate = intermediate.Issue(new Leaf());
        int size = certificate.RawDataMemory.Length + intermediate.Issuer.RawDataMemory.Length;
        var fitting = new VerdictMemory(_roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict, maxChainBytes: size);
        var tooSmall = new VerdictMemory(_roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict, maxChainBytes: size - 1);
        Assert.True(fitting.Evaluate(certificate, [intermediate.Issuer]).Accepted);
        PeerVerdict verdict = tooSmall.Evaluate(certificate, [intermediate.Issuer]);
        Assert.Equal(CertificateFault.ChainTooLarge, verdict.Fault);
        Assert.Equal($"Its certificates are {size} bytes long in all, which is more than {size - 1}.", verdict.Explanation);
    }

    [Fact]
    public void When_it_is_full_it_forgets_all_and_remembers_anew()
    {
        var memory = new VerdictMemory(_roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict, _clock, capacity: 2);
        using X509Certificate2 first = _pki.Issue(new Leaf()), second = _pki.Issue(new Leaf()), third = _pki.Issue(new Leaf());
        Assert.All([first, second, third], c => Assert.True(memory.Evaluate(c, []).Accepted));
        _roots.Clear();
        Assert.False(memory.Evaluate(first, []).Accepted);
        Assert.False(memory.Evaluate(second, []).Accepted);
        Assert.True(memory.Evaluate(third, []).Accepted);
    }

    [Fact]
    public void Only_intermediates_that_may_stand_above_a_certificate_are_looked_at_each_of_them_once()
    {
        using Party root = new("CN=Root"), one = new("CN=One"), other = new("CN=Other"), apart = new("CN=Apart"), peer = new("CN=peer");
        using X509Certificate2 rootCa = Authority().Sign(root, root);
        // Two CAs that certify each other as well.
        using X509Certificate2 oneCa = Authority().Sign(one, root), otherCa = Authority().Sign(other, root),
            apartCa = Authority().Sign(apart, root);
        using X509Certificate2 oneByOther = Authority().Sign(one, other), otherByOne = Authority().Sign(other, one);
        using X509Certificate2 belowOne = Peer().Sign(peer, one), belowOther = Peer().Sign(peer, other),
            belowApart = Peer().Sign(peer, apart);
        var known = new KnownIntermediates();
        HashSet<Digest> roots = [Digest.OfAuthority(rootCa)];
        Learn(belowOne, oneCa);
        Learn(belowOther, otherCa);
        Learn(belowApart, apartCa);
        Learn(belowOne, oneByOther, otherCa);
        Learn(belowOther, otherByOne, oneCa);

        string[] above = [.. known.Above(belowOne, roots).Select(c => c.Thumbprint).Order()];
        Assert.Equal([.. new[] { oneCa, otherCa, oneByOther, otherByOne }.Select(c => c.Thumbprint).Order()], above);

        // Only the CA of the first step is offered to the platform: which way it takes is then no question.
        void Learn(X509Certificate2 leaf, X509Certificate2 issuer, params X509Certificate2[] more) =>
            known.Learn(PeerVerifier.Verify(leaf, [issuer, .. more], [rootCa], PeerRole.Client).Peer!);
    }

    [Fact]
    public void Intermediates_are_remembered_by_the_hundred_and_below_their_own_root_alone()
    {
        const int many = 300;
        using Party root = new("CN=Root"), twin = new("CN=Root");
        using X509Certificate2 rootCa = Authority().Sign(root, root), twinCa = Authority().Sign(twin, twin);
        var known = new KnownIntermediates();
        var below = new List<X509Certificate2>();
        for (int i = 0; i < many; i++) below.Add(LearnOne(known, root, rootCa, $"CN=CA {i}"));
        Assert.All(below, c => Assert.Single(known.Above(c, new HashSet<Digest> { Digest.OfAuthority(rootCa) })));
        Assert.Empty(known.Above(below[0], new HashSet<Digest> { Digest.OfAuthority(twinCa) }));
        foreach (X509Certificate2 c in below) c.Dispose();
    }

    [Fact]
    public void What_no_ticket_needs_any_more_makes_room_first_and_what_one_needs_ends_the_tickets()
    {
        using var root = new Party("CN=Root");
        using X509Certificate2 rootCa = Authority().Sign(root, root);
        HashSet<Digest> roots = [Digest.OfAuthority(rootCa)];
        const int room = 4;
        int size = Authority().Sign(root, root).RawData.Length;
        var known = new KnownIntermediates(_clock, (room * size) + (size / 2));
        int ended = 0;
        known.Forgotten += () => ended++;
        X509Certificate2[] old = [.. Enumerable.Range(0, room).Select(i => LearnOne(known, root, rootCa, $"CN=C{i}"))];
        _clock.Advance(TimeSpan.FromHours(3));
        X509Certificate2[] young = [.. Enumerable.Range(0, room).Select(i => LearnOne(known, root, rootCa, $"CN=D{i}"))];
        Assert.Equal(0, ended);
        Assert.All(old, c => Assert.Empty(known.Above(c, roots)));
        Assert.All(young, c => Assert.Single(known.Above(c, roots)));

        using X509Certificate2 last = LearnOne(known, root, rootCa, "CN=E0");
        Assert.Equal(1, ended);
        Assert.Single(known.Above(last, roots));
        foreach (X509Certificate2 c in old.Concat(young)) c.Dispose();
    }

    // Returns what stands below the intermediate.
    private static X509Certificate2 LearnOne(KnownIntermediates known, Party root, X509Certificate2 rootCa, string name)
    {
        using Party ca = new(name), peer = new("CN=peer");
        using X509Certificate2 issuer = Authority().Sign(ca, root);
        X509Certificate2 certificate = Peer().Sign(peer, ca);
        known.Learn(PeerVerifier.Verify(certificate, [issuer], [rootCa], PeerRole.Client).Peer!);
        return certificate;
    }

    [Fact]
    public void Who_is_out_of_date_was_acceptable_and_a_stranger_never_was()
    {
        using Party root = new("CN=Root"), mid = new("CN=Mid"), peer = new("CN=peer"), other = new("CN=Root");
        CertificateForge old = Authority() with { NotBefore = TimeSpan.FromDays(-9) };
        using X509Certificate2 rootCa = old.Sign(root, root), midCa = old.Sign(mid, root);
        CertificateForge expired = Peer() with { NotBefore = TimeSpan.FromDays(-3), NotAfter = TimeSpan.FromDays(-2) };
        CertificateForge early = Peer() with { NotBefore = TimeSpan.FromDays(2) };
        var memory = new VerdictMemory([rootCa], PeerRole.Client, expectedName: null, TlsPolicy.Strict);
        using X509Certificate2 good = Peer().Sign(peer, mid);
        Assert.True(memory.Evaluate(good, [midCa]).Accepted);
        Assert.True(WasAcceptable(expired.Sign(peer, mid)));
        Assert.True(WasAcceptable(early.Sign(peer, root)));
        Assert.False(WasAcceptable(expired.Sign(peer, other)));
        Assert.False(WasAcceptable(expired.Sign(peer, peer)));

        bool WasAcceptable(X509Certificate2 certificate)
        {
            using (certificate)
            {
                CertificateProblem refusal = memory.Evaluate(certificate, []).Problem!;
                // Also when a stranger could have it refused for a date.
                var date = new CertificateProblem(CertificateFault.Expired) { Date = DateTimeOffset.UtcNow.AddDays(-2) };
                return memory.WasAcceptable(certificate, refusal.Date is null ? date : refusal);
            }
        }
    }

    [Fact]
    public void A_refusal_is_not_remembered()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        _roots.Clear();
        Assert.False(_memory.Evaluate(certificate, []).Accepted);
        _roots.AddRange(_pki.Roots);
        Assert.True(_memory.Evaluate(certificate, []).Accepted);
    }

    [Fact]
    public void No_certificate_is_a_refusal() => Assert.Equal(CertificateFault.Missing, _memory.Evaluate(null, []).Fault);

    [Fact]
    public void A_server_is_recognised_under_its_expected_name_only_by_its_own_memory()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        var local = new VerdictMemory(_roots, PeerRole.Server, "localhost", TlsPolicy.Strict);
        var other = new VerdictMemory(_roots, PeerRole.Server, "example.org", TlsPolicy.Strict);
        Assert.True(local.Evaluate(certificate, []).Accepted);
        Assert.Equal(CertificateFault.NameMismatch, other.Evaluate(certificate, []).Fault);
    }

    public void Dispose() => _pki.Dispose();
}
