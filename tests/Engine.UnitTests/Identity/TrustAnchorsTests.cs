using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>What the trusted certificates are good for is known at the start; a partial chain may end at an intermediate.</summary>
public sealed class TrustAnchorsTests : IDisposable
{
    private static readonly Party Root = new("CN=Root"), Mid = new("CN=Mid"), Low = new("CN=Low"), Someone = new("CN=peer"),
        Thief = new("CN=Mid"), Before = new("CN=Root");

    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root), MidCa = Authority().Sign(Mid, Root),
        LowCa = Authority().Sign(Low, Mid), Own = Peer().Sign(Someone, Someone), Leaf = Peer().Sign(Someone, Mid),
        DeepLeaf = Peer().Sign(Someone, Low), Expired = (Authority() with { NotAfter = TimeSpan.FromHours(-1) }).Sign(Root, Root),
        Early = (Authority() with { NotBefore = TimeSpan.FromHours(1) }).Sign(Root, Root),
        NoSigner = new CertificateForge
        {
            Extensions = [new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.CrlSign)],
        }.Sign(Root, Root),
        First = new CertificateForge { Version = 1 }.Sign(Root, Root),
        // Its name is its issuer's, and its key identifiers say that the key is not: as a CA that changes its key makes one.
        RolledOver = Authority(null, KeyIdentifier(Root), IssuerIdentifier(Before)).Sign(Root, Before);

    private readonly TempFolder _folder = new();

    public static TheoryData<string, string, bool, TlsPolicy, bool, string> Files => new()
    {
        { "a root", "Root", false, TlsPolicy.Strict, true, "" },
        { "a root and its intermediate", "Root Mid", false, TlsPolicy.Strict, true, "" },
        { "an intermediate", "Mid", false, TlsPolicy.Strict, false, "NotRoot" },
        { "an intermediate as the end", "Mid", true, TlsPolicy.Strict, true, "" },
        { "two intermediates", "Mid Low", false, TlsPolicy.Strict, false, "NotRoot" },
        { "an intermediate of another root", "Rsa Mid", false, TlsPolicy.Strict, true, "NotRoot" },
        { "a peer's certificate", "Leaf", false, TlsPolicy.Strict, false, "NotAuthority" },
        { "a peer's certificate as the end", "Leaf", true, TlsPolicy.Strict, false, "NotAuthority" },
        { "a peer's certificate as the end, legacy", "Leaf", true, TlsPolicy.Legacy, true, "" },
        { "a peer's own root", "Own", false, TlsPolicy.Strict, false, "NotAuthority" },
        { "a peer's own root, legacy", "Own", false, TlsPolicy.Legacy, true, "" },
        { "an expired root", "Expired", false, TlsPolicy.Strict, false, "Expired" },
        { "an expired root beside its renewed one", "Expired Root", false, TlsPolicy.Strict, true, "Expired" },
        { "an expired root with its intermediate", "Expired Mid", false, TlsPolicy.Strict, false, "Expired" },
        { "a root that is not valid yet", "Early", false, TlsPolicy.Strict, true, "NotYetValid" },
        { "a root that may not sign", "NoSigner", false, TlsPolicy.Strict, false, "NotAuthority" },
        { "a root of version 1", "First", false, TlsPolicy.Strict, true, "" },
        { "a root with a weak key", "Weak", false, TlsPolicy.Strict, false, "WeakKey" },
        { "a certificate that looks like a root", "RolledOver", false, TlsPolicy.Strict, false, "NotRoot" },
    };

    [Fact]
    public void What_cannot_be_read_is_told_in_the_words_of_the_platform()
    {
        var problem = new AnchorProblem(AnchorFault.Unreadable, RootCa);
        Assert.Equal("The certificate \"CN=Root\" cannot be read.", problem.Describe());
        Assert.Equal(
            "The certificate \"CN=Root\" cannot be read: \"Unknown error (0x80090027)\".",
            (problem with { Detail = "Unknown error (0x80090027)" }).Describe());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void It_is_known_whether_anybody_could_be_accepted(
        string name, string trusted, bool partialChain, TlsPolicy policy, bool canAccept, string faults)
    {
        X509Certificate2Collection certificates = [.. trusted.Split(' ').Select(Named).ToArray()];
        var anchors = TrustAnchors.Examine(certificates, partialChain, policy, DateTimeOffset.UtcNow);
        Assert.True(anchors.CanAccept == canAccept, name);
        Assert.Equal(faults, string.Join(' ', anchors.Problems.Select(p => p.Fault).Distinct()));
        Assert.All(anchors.Problems, p => Assert.EndsWith(".", p.Describe(), StringComparison.Ordinal));

        // The programs do not start where nobody could be accepted, and warn of the rest.
        string ca = _folder.Write("ca.pem", string.Join('\n', certificates.Select(c => c.ExportCertificatePem())));
        TlsSource source = Source(ca, partialChain, policy);
        if (!canAccept)
        {
            CommandException failure = Assert.Throws<CommandException>(source.Load);
            Assert.Equal(ExitCode.Certificate, failure.ExitCode);
            string sentence = $"{ca}: holds no CA that can be trusted, so no server could be accepted. ";
            Assert.StartsWith(sentence, failure.Message, StringComparison.Ordinal);
            if (faults == "NotRoot") Assert.Contains("--partial-chain", failure.Message, StringComparison.Ordinal);
            return;
        }

        IEnumerable<Note> warnings = source.Load().Notes.Where(n => n.IsWarning && n.Text.StartsWith(ca, StringComparison.Ordinal));
        Assert.Equal(anchors.Problems.Count, warnings.Count());
    }

    [Fact]
    public void A_chain_may_end_at_an_intermediate_that_is_trusted()
    {
        Assert.Equal(CertificateFault.UntrustedIssuer, Verify(Leaf, [], [MidCa], partialChain: false).Fault);
        Assert.Equal(CertificateFault.UntrustedIssuer, Verify(Leaf, [RootCa], [MidCa], partialChain: false).Fault);
        foreach (X509Certificate2[] sent in new X509Certificate2[][] { [], [MidCa], [RootCa], [MidCa, RootCa] })
        {
            PeerVerdict verdict = Verify(Leaf, sent, [MidCa], partialChain: true);
            Assert.True(verdict.Accepted, verdict.Explanation);
            // What is above the end does not count: nothing is asked of the intermediate's own revocation.
            Assert.Single(verdict.Peer!.Path);
        }

        Assert.True(Verify(DeepLeaf, [LowCa], [MidCa], partialChain: true).Accepted);
        Assert.True(Verify(DeepLeaf, [LowCa, MidCa], [RootCa], partialChain: true).Accepted);
        Assert.Equal(CertificateFault.UntrustedIssuer, Verify(DeepLeaf, [], [MidCa], partialChain: true).Fault);
        Assert.Equal(CertificateFault.UntrustedIssuer, Verify(Leaf, [MidCa], [LowCa], partialChain: true).Fault);
    }

    [Fact]
    public void A_partial_chain_waives_nothing_else()
    {
        using X509Certificate2 forged = Peer().Sign(Someone, Thief), wrongPurpose = (Peer() with
        {
            Extensions = [Usage(X509KeyUsageFlags.DigitalSignature), Purposes(TestPki.ServerAuth)],
        }).Sign(Someone, Mid), old = (Peer() with { NotAfter = TimeSpan.FromHours(-1) }).Sign(Someone, Mid);
        using X509Certificate2 oldMid = (Authority() with { NotAfter = TimeSpan.FromHours(-1) }).Sign(Mid, Root),
            noCa = new CertificateForge { Extensions = [new X509BasicConstraintsExtension(false, false, 0, true)] }.Sign(Mid, Root),
            narrow = Authority(pathLength: 0).Sign(Mid, Root),
            excluding = Authority(null, Constraints(null, "localhost")).Sign(Mid, Root);
        foreach (X509Certificate2[] sent in new X509Certificate2[][] { [], [RootCa] })
        {
            Assert.Equal(CertificateFault.BadSignature, Verify(forged, sent, [MidCa], partialChain: true).Fault);
            Assert.Equal(CertificateFault.WrongPurpose, Verify(wrongPurpose, sent, [MidCa], partialChain: true).Fault);
            Assert.Equal(CertificateFault.Expired, Verify(old, sent, [MidCa], partialChain: true).Fault);
            Assert.Equal(CertificateFault.Expired, Verify(Leaf, sent, [oldMid], partialChain: true).Fault);
            Assert.False(Verify(Leaf, sent, [noCa], partialChain: true).Accepted);
            Assert.False(Verify(DeepLeaf, [LowCa, .. sent], [narrow], partialChain: true).Accepted);
            Assert.False(Verify(Leaf, sent, [excluding], partialChain: true).Accepted);
            // A peer that shows what is trusted has proved nothing but that it has its key.
            Assert.Equal(CertificateFault.OwnRoot, Verify(Leaf, sent, [Leaf], partialChain: true).Fault);
            Assert.False(Verify(MidCa, sent, [MidCa], partialChain: true).Accepted);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static PeerVerdict Verify(
        X509Certificate2 leaf, X509Certificate2[] sent, X509Certificate2[] trusted, bool partialChain) =>
        PeerVerifier.Verify(leaf, [.. sent], [.. trusted], PeerRole.Client, partialChain: partialChain);

    private static X509Certificate2 Named(string name)
    {
        switch (name)
        {
            case "Weak":
                using (var weak = new Party("CN=Weak", RSA.Create(1024))) return Authority().Sign(weak, weak);
            case "Rsa":
                using (var rsa = new Party("CN=RSA", RSA.Create(2048))) return Authority().Sign(rsa, rsa);
        }

        return name switch
        {
            "Root" => RootCa,
            "Mid" => MidCa,
            "Low" => LowCa,
            "Own" => Own,
            "Leaf" => Leaf,
            "Expired" => Expired,
            "Early" => Early,
            "NoSigner" => NoSigner,
            "First" => First,
            _ => RolledOver,
        };
    }

    private static TlsSource Source(string ca, bool partialChain, TlsPolicy policy) => new()
    {
        OwnRole = PeerRole.Client,
        Level = TlsLevel.Server,
        Protocols = SslProtocols.Tls13,
        Ca = ca,
        PartialChain = partialChain,
        Certificate = null,
        Key = null,
        Password = new PasswordSource(null, null),
        Policy = policy,
        Admission = new AdmissionSource([], MissingList.Refuse, [], null),
        KeyLogFile = null,
        HandshakeTimeout = TimeSpan.FromSeconds(10),
    };
}
