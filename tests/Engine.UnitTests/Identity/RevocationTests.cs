using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

public sealed class RevocationTests : IDisposable
{
    private static readonly Party Root = new("CN=Root"), Mid = new("CN=Mid"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root), MidCa = Authority().Sign(Mid, Root);
    private static readonly X509Certificate2 Good = Peer().Sign(Someone, Root), Bad = Peer().Sign(Someone, Root),
        Deep = Peer().Sign(Someone, Mid);

    private readonly TempFolder _folder = new();

    public static TheoryData<string, RevocationListProblem, string> Unreliable => new()
    {
        { "delta", RevocationListProblem.Delta, "delta list" },
        { "indirect", RevocationListProblem.Indirect, "indirect list" },
        { "indirect entry", RevocationListProblem.Indirect, "indirect list" },
        { "attributes", RevocationListProblem.AttributeCertificates, "attribute certificates alone" },
        { "of both kinds", RevocationListProblem.Damaged, "damaged" },
        { "scope twice", RevocationListProblem.Damaged, "damaged" },
        { "unreadable scope", RevocationListProblem.Damaged, "damaged" },
        { "scope of an entry", RevocationListProblem.Damaged, "damaged" },
        { "critical", RevocationListProblem.UnknownExtension, "not known: 1.2.3.4" },
        { "critical entry", RevocationListProblem.UnknownExtension, "not known: 1.2.3.4" },
        { "no next", RevocationListProblem.NoNextUpdate, "nextUpdate" },
        { "forged", RevocationListProblem.NotSigned, "not signed by that CA" },
        { "sha1", RevocationListProblem.NotSigned, "SHA-1" },
        { "no next, and entries", RevocationListProblem.NoNextUpdate, "nextUpdate" },
        { "no algorithm", RevocationListProblem.NotSigned, "not signed by that CA" },
        { "two algorithms", RevocationListProblem.TwoAlgorithms, "two different signature algorithms" },
        { "more fields", RevocationListProblem.Damaged, "damaged" },
        { "more behind the signature", RevocationListProblem.Damaged, "damaged" },
        { "more in an entry", RevocationListProblem.Damaged, "damaged" },
        { "certificate", RevocationListProblem.NoList, "holds no revocation list" },
        { "garbage", RevocationListProblem.Damaged, "not a revocation list" },
        { "empty", RevocationListProblem.NoList, "holds no revocation list" },
    };

    [Fact]
    public void Who_is_on_the_list_is_revoked_and_who_is_not_comes_in()
    {
        RevocationLists lists = Load(Pem(new RevocationListForge { Revoked = [Bad] }));
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Bad).Fault);
        Assert.Contains("CN=peer", Evaluate(lists, Bad).Explanation, StringComparison.Ordinal);
        Assert.True(Evaluate(lists, Good).Accepted);
        Assert.Equal((1, 1), (lists.Count, lists.Entries));
    }

    [Fact]
    public void DER_several_in_one_PEM_and_several_files_are_all_read()
    {
        string both = new RevocationListForge { Revoked = [Deep] }.SignToPem(Mid)
            + "some text\n" + new RevocationListForge { Revoked = [Bad] }.SignToPem(Root);
        Assert.Equal(CertificateFault.Revoked, Evaluate(Load(_folder.Write("both.pem", both)), Bad).Fault);
        RevocationLists der = Load(_folder.Write("list.der", new RevocationListForge { Revoked = [Bad] }.Sign(Root)));
        Assert.Equal(CertificateFault.Revoked, Evaluate(der, Bad).Fault);
        RevocationLists files = Load(
            _folder.Write("a.pem", new RevocationListForge { Revoked = [Deep] }.SignToPem(Mid)), Pem(new RevocationListForge()));
        Assert.Equal(CertificateFault.Revoked, Evaluate(files, Deep, MidCa).Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_CA_of_any_kind_signs_lists(int kind)
    {
        AsymmetricAlgorithm key = kind switch
        {
            1 => RSA.Create(2048),
            2 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        };
        using var ca = new Party("CN=Other kind", key);
        using X509Certificate2 root = Authority().Sign(ca, ca), peer = Peer().Sign(Someone, ca);
        HashAlgorithmName hash = kind == 1 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;
        string file = _folder.Write("list.pem", new RevocationListForge { Revoked = [peer], Hash = hash }.SignToPem(ca));
        RevocationLists lists = RevocationLists.Load([file], [root]);
        Assert.Equal(
            CertificateFault.Revoked,
            lists.Evaluate(PeerVerifier.Verify(peer, [], [root], PeerRole.Client).Peer!, DateTimeOffset.UtcNow).Fault);
    }

    [Fact]
    public void A_list_of_dotnet_itself_signed_with_PSS_is_believed()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=PSS", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(Usage(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign));
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([1, 2, 3], reason: X509RevocationReason.KeyCompromise);
        byte[] list = builder.Build(root, 7, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.Equal(1, RevocationLists.Load([_folder.Write("pss.crl", list)], [root]).Entries);
    }

    [Fact]
    public void Fails_closed_where_no_fresh_list_tells_and_open_only_if_asked_to()
    {
        string other = _folder.Write("mid.pem", new RevocationListForge().SignToPem(Mid));
        string stale =
            Pem(new RevocationListForge { ThisUpdate = TimeSpan.FromDays(-9), NextUpdate = TimeSpan.FromDays(-1), Revoked = [Bad] });
        string early = _folder.Write("early.pem", new RevocationListForge { ThisUpdate = TimeSpan.FromDays(1) }.SignToPem(Root));
        (string File, RevocationGap Gap, string Why)[] cases =
        [
            (other, RevocationGap.NoList, "no revocation list"),
            (stale, RevocationGap.Stale, "stale since"),
            (early, RevocationGap.NotYetValid, "counts only from"),
        ];
        foreach ((string file, RevocationGap gap, string why) in cases)
        {
            PeerVerdict closed = Evaluate(Load(file), Good);
            Assert.Equal((CertificateFault.RevocationUnknown, gap), (closed.Fault, closed.Problem!.Gap));
            Assert.Contains(why, closed.Explanation, StringComparison.Ordinal);
            Assert.True(Evaluate(RevocationLists.Load([file], [RootCa], MissingList.Allow), Good).Accepted);
        }

        // What a stale list names stays revoked, whatever is allowed.
        Assert.Equal(CertificateFault.Revoked, Evaluate(RevocationLists.Load([stale], [RootCa], MissingList.Allow), Bad).Fault);
    }

    [Theory]
    [MemberData(nameof(Unreliable))]
    public void A_list_that_cannot_be_relied_on_is_refused_with_its_reason(string kind, RevocationListProblem problem, string reason)
    {
        X509Extension critical = Raw("1.2.3.4", [5, 0], critical: true);
        string pem = new RevocationListForge().SignToPem(Root);
        string text = kind switch
        {
            "delta" => new RevocationListForge { Extensions = [Raw("2.5.29.27", [2, 1, 1], critical: true)] }.SignToPem(Root),
            "indirect" =>
                new RevocationListForge { Extensions = [Raw("2.5.29.28", [0x30, 3, 0x84, 1, 0xff], critical: true)] }.SignToPem(Root),
            "indirect entry" => new RevocationListForge
            {
                Revoked = [Bad],
                EntryExtensions = [Raw("2.5.29.29", [0x30, 0], critical: true)],
            }.SignToPem(Root),
            "attributes" => Scoped([0x30, 3, 0x85, 1, 0xff]),
            "of both kinds" => Scoped([0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff]),
            "scope twice" => Scoped([0x30, 3, 0x81, 1, 0xff], [0x30, 3, 0x82, 1, 0xff]),
            "unreadable scope" => Scoped([0x30, 3, 0xA0, 1, 0xff]),
            "scope of an entry" => new RevocationListForge
            {
                Revoked = [Bad],
                EntryExtensions = [Raw("2.5.29.28", [0x30, 3, 0x81, 1, 0xff], critical: false)],
            }.SignToPem(Root),
            "critical" => new RevocationListForge { Extensions = [critical] }.SignToPem(Root),
            "critical entry" => new RevocationListForge { Revoked = [Bad], EntryExtensions = [critical] }.SignToPem(Root),
            "no next" => new RevocationListForge { NextUpdate = null }.SignToPem(Root),
            "no next, and entries" => new RevocationListForge { NextUpdate = null, Revoked = [Bad] }.SignToPem(Root),
            "no algorithm" => new RevocationListForge { Algorithm = [0x30, 0] }.SignToPem(Root),
            "two algorithms" => new RevocationListForge { OuterAlgorithm = [0x30, 0] }.SignToPem(Root),
            "more fields" => new RevocationListForge
            {
                Extensions = [Raw("2.5.29.20", [2, 1, 1], critical: false)],
                BehindFields = [5, 0],
            }.SignToPem(Root),
            "more behind the signature" => new RevocationListForge { BehindSignature = [5, 0] }.SignToPem(Root),
            "more in an entry" => new RevocationListForge
            {
                Revoked = [Bad],
                EntryExtensions = [Raw("2.5.29.21", [10, 1, 1], critical: false)],
                BehindEntry = [5, 0],
            }.SignToPem(Root),
            "forged" => new RevocationListForge().SignToPem(Root, key: Mid.Key),
            "sha1" => (new RevocationListForge { Hash = HashAlgorithmName.SHA1 }).SignToPem(Root),
            "certificate" => RootCa.ExportCertificatePem(),
            "cut off" => pem[..^20],
            "garbage" => "0\u0082 garbage in DER's clothes",
            _ => "",
        };
        byte[] bytes = kind == "garbage" ? [0x30, 0x82, 1, 2, 3] : System.Text.Encoding.ASCII.GetBytes(text);
        CertificateFileException refused = Assert.Throws<CertificateFileException>(() => Load(_folder.Write("bad", bytes)));
        Assert.Equal((CertificateFileProblem.UnusableRevocationList, problem), (refused.Problem, refused.RevocationList));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_unusable_files_are_allowed_each_is_told_and_the_others_are_used()
    {
        string good = Pem(new RevocationListForge { Revoked = [Bad] });
        var list = new RevocationListForge();
        string forged = _folder.Write("forged.pem", list.SignToPem(Mid) + list.SignToPem(Root, Mid.Key));
        var told = new List<CertificateFileException>();
        RevocationLists lists = RevocationLists.Load([forged, _folder["missing"], good], [RootCa], MissingList.Allow, told.Add);
        Assert.Equal([forged, _folder["missing"]], told.Select(e => e.File));
        Assert.Equal((1, 1), (lists.Count, lists.Entries));
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Bad).Fault);
    }

    [Fact]
    public void A_CA_of_the_same_name_has_lists_of_its_own()
    {
        var twin = new Party("CN=Root");
        using X509Certificate2 twinCa = Authority(null, KeyIdentifier(twin)).Sign(twin, twin);
        string file = Pem(new RevocationListForge { Revoked = [Good] });
        using X509Certificate2 ofTwin = (Peer(IssuerIdentifier(twin)) with { Serial = [.. Good.SerialNumberBytes.Span] })
            .Sign(Someone, twin);
        RevocationLists lists = RevocationLists.Load([file], [RootCa, twinCa]);
        PeerIdentity peer = PeerVerifier.Verify(ofTwin, [], [twinCa, RootCa], PeerRole.Client).Peer!;
        Assert.Equal(CertificateFault.RevocationUnknown, lists.Evaluate(peer, DateTimeOffset.UtcNow).Fault);
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Good).Fault);
    }

    [Fact]
    public void A_CA_with_the_key_of_another_and_a_name_of_its_own_has_lists_of_its_own()
    {
        using var one = new Party("CN=One");
        using var other = new Party("CN=Other", one.Key);
        using X509Certificate2 oneCa = Authority().Sign(one, one), otherCa = Authority().Sign(other, other);
        using X509Certificate2 ofOne = Peer().Sign(Someone, one),
            ofOther = (Peer() with { Serial = [.. ofOne.SerialNumberBytes.Span] }).Sign(Someone, other);
        string file = _folder.Write("one.pem", new RevocationListForge { Revoked = [ofOne] }.SignToPem(one));
        RevocationLists lists = RevocationLists.Load([file], [oneCa, otherCa]);
        Assert.Equal(CertificateFault.Revoked, EvaluateBelow(oneCa, ofOne));
        Assert.Equal(CertificateFault.RevocationUnknown, EvaluateBelow(otherCa, ofOther));

        CertificateFault EvaluateBelow(X509Certificate2 root, X509Certificate2 peer) =>
            lists.Evaluate(PeerVerifier.Verify(peer, [], [root], PeerRole.Client).Peer!, DateTimeOffset.UtcNow).Fault;
    }

    [Fact]
    public void With_PSS_the_hash_is_SHA_2_or_the_list_counts_for_nothing()
    {
        using var ca = new Party("CN=PSS", RSA.Create(2048));
        using X509Certificate2 root = Authority().Sign(ca, ca);
        Assert.Equal(
            1, RevocationLists.Load([_folder.Write("good.pem", new RevocationListForge { Pss = true }.SignToPem(ca))], [root]).Count);
        string weak = _folder.Write("weak.pem", new RevocationListForge { Pss = true, Hash = HashAlgorithmName.SHA1 }.SignToPem(ca));
        Assert.Throws<CertificateFileException>(() => RevocationLists.Load([weak], [root]));
    }

    [Fact]
    public void A_CA_whose_key_usage_cannot_be_read_signs_no_lists()
    {
        using var ca = new Party("CN=Unreadable");
        using X509Certificate2 root = new CertificateForge
        {
            Extensions = [new X509BasicConstraintsExtension(true, false, 0, true), Raw("2.5.29.15", [1], critical: true)],
        }.Sign(ca, ca);
        string file = _folder.Write("list.pem", new RevocationListForge().SignToPem(ca));
        Assert.Throws<CertificateFileException>(() => RevocationLists.Load([file], [root]));
    }

    [Fact]
    public void A_CA_that_may_not_sign_lists_signs_none()
    {
        var ca = new Party("CN=No lists");
        using X509Certificate2 root = new CertificateForge
        {
            Extensions = [new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.KeyCertSign)],
        }.Sign(ca, ca);
        string file = _folder.Write("list.pem", new RevocationListForge().SignToPem(ca));
        Assert.Throws<CertificateFileException>(() => RevocationLists.Load([file], [root]));
    }

    [Fact]
    public void Below_a_revoked_intermediate_everyone_is_revoked_and_each_level_needs_a_list()
    {
        string rootList = Pem(new RevocationListForge { Revoked = [MidCa] });
        string midList = _folder.Write("mid.pem", new RevocationListForge().SignToPem(Mid));
        PeerVerdict verdict = Evaluate(Load(rootList, midList), Deep, MidCa);
        Assert.Equal(CertificateFault.Revoked, verdict.Fault);
        Assert.Contains("CN=Mid", verdict.Explanation, StringComparison.Ordinal);
        // The same question for a connection that is open.
        PeerIdentity deep = PeerVerifier.Verify(Deep, [MidCa], [RootCa], PeerRole.Client).Peer!;
        Assert.False(new PeerAdmission { Revocation = Load(rootList, midList) }.EvaluateOpen(deep).Accepted);
        Assert.Equal(CertificateFault.RevocationUnknown, Evaluate(Load(Pem(new RevocationListForge())), Deep, MidCa).Fault);
    }

    [Fact]
    public void A_list_of_an_intermediate_counts_from_when_a_peer_shows_that_CA_and_a_forged_one_does_not()
    {
        string root = Pem(new RevocationListForge());
        RevocationLists lists = Load(root, _folder.Write("mid.pem", new RevocationListForge { Revoked = [Deep] }.SignToPem(Mid)));
        RevocationListWarning warning = Assert.Single(lists.WarningsAt(DateTimeOffset.UtcNow));
        Assert.Equal((RevocationListDoubt.UnknownIssuer, "CN=Mid"), (warning.Doubt, warning.Issuer));
        for (int i = 0; i < 2; i++) Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Deep, MidCa).Fault);
        RevocationLists forged = Load(root, _folder.Write("forged.pem", new RevocationListForge().SignToPem(Mid, key: Root.Key)));
        for (int i = 0; i < 2; i++) Assert.Equal(CertificateFault.RevocationUnknown, Evaluate(forged, Deep, MidCa).Fault);
    }

    [Fact]
    public void A_stale_list_is_warned_of_by_its_CA_and_its_date()
    {
        RevocationLists lists = Load(
            Pem(new RevocationListForge { ThisUpdate = TimeSpan.FromDays(-9), NextUpdate = TimeSpan.FromDays(-1) }),
            _folder.Write("fresh.pem", new RevocationListForge().SignToPem(Root)));
        RevocationListWarning warning = Assert.Single(lists.WarningsAt(DateTimeOffset.UtcNow));
        Assert.Equal(new RevocationListWarning(RevocationListDoubt.Stale, "CN=Root", lists.NextUpdate!.Value), warning);
        Assert.Empty(lists.WarningsAt(DateTimeOffset.UtcNow.AddDays(-2)));
    }

    [Fact]
    public void Of_two_lists_the_newer_one_counts()
    {
        string older = _folder.Write(
            "older.pem", new RevocationListForge { ThisUpdate = TimeSpan.FromHours(-5), Revoked = [Good] }.SignToPem(Root));
        string newer = _folder.Write(
            "newer.pem", new RevocationListForge { ThisUpdate = TimeSpan.FromHours(-1), Revoked = [Bad] }.SignToPem(Root));
        RevocationLists lists = Load(newer, older);
        Assert.True(Evaluate(lists, Good).Accepted);
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Bad).Fault);
    }

    [Fact]
    public void Who_is_its_own_root_cannot_be_revoked_and_so_is_refused()
    {
        using X509Certificate2 own = Peer().Sign(Someone, Someone);
        PeerIdentity peer = PeerVerifier.Verify(own, [], [own], PeerRole.Client, policy: TlsPolicy.Legacy).Peer!;
        Assert.Equal(CertificateFault.RevocationUnknown, Load(Pem(new RevocationListForge())).Evaluate(peer, DateTimeOffset.UtcNow).Fault);
    }

    public void Dispose() => _folder.Dispose();

    private static RevocationLists Load(params string[] files) => RevocationLists.Load(files, [RootCa]);

    private static PeerVerdict Evaluate(RevocationLists lists, X509Certificate2 certificate, params X509Certificate2[] sent) =>
        lists.Evaluate(PeerVerifier.Verify(certificate, [.. sent], [RootCa], PeerRole.Client).Peer!, DateTimeOffset.UtcNow);

    private static string Scoped(params byte[][] points) =>
        new RevocationListForge { Extensions = [.. points.Select(p => Raw("2.5.29.28", p, critical: true))] }.SignToPem(Root);

    private string Pem(RevocationListForge list) => _folder.Write("root.pem", list.SignToPem(Root));
}
