using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>The search for another path ends, whatever a stranger sends.</summary>
public sealed class PathSearchTests
{
    private static readonly Party Root = new("CN=Root"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    [Fact]
    public void Hundreds_of_wrong_copies_are_a_refusal_soon()
    {
        using var right = new Party("CN=Mid");
        using X509Certificate2 leaf = Peer().Sign(Someone, right);
        X509Certificate2[] wrong = [.. Enumerable.Range(0, 300).Select(_ => Authority().Sign(new Party("CN=Mid"), Root))];
        Assert.Equal(CertificateFault.BadSignature, VerifySoon(leaf, wrong));
    }

    [Fact]
    public void CAs_that_all_certify_each_other_are_a_refusal_soon()
    {
        // Of seven CAs there are thousands of paths; X509Chain takes one of seven and more certificates, and none leads to a root.
        Party[] parties = [.. Enumerable.Range(0, 7).Select(i => new Party($"CN=CA {i}"))];
        X509Certificate2[] all =
            [.. parties.SelectMany(issuer => parties.Where(s => s != issuer).Select(s => Authority().Sign(s, issuer)))];
        using X509Certificate2 leaf = Peer().Sign(Someone, parties[0]);
        Assert.Equal(CertificateFault.ChainTooLong, VerifySoon(leaf, all));
    }

    [Fact]
    public void CAs_that_lead_to_a_root_on_many_bad_paths_are_a_refusal_soon()
    {
        using var mid = new Party("CN=Mid");
        using X509Certificate2 leaf = Peer().Sign(Someone, mid);
        X509Certificate2[] constrained =
            [.. Enumerable.Range(0, 50).Select(_ => Authority(null, Constraints(null, "localhost")).Sign(mid, Root))];
        Assert.Equal(CertificateFault.InvalidChain, VerifySoon(leaf, constrained));
    }

    // The bound is a quarter of a second; a machine under test may take its time.
    private static CertificateFault VerifySoon(X509Certificate2 leaf, X509Certificate2[] sent)
    {
        long start = Stopwatch.GetTimestamp();
        CertificateFault fault = PeerVerifier.Verify(leaf, [.. sent], [RootCa], PeerRole.Client).Fault;
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        return fault;
    }
}
