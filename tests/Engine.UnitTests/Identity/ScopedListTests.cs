using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Lists with an issuing distribution point (RFC 5280 sections 5.2.5 and 6.3.3): what they name, and what they do not.</summary>
public sealed class ScopedListTests : IDisposable
{
    private const string One = "http://ca.test/one.crl", Two = "http://ca.test/two.crl",
        Ldap = "ldap://ca.test/cn=one?certificateRevocationList";

    // Fields of an issuing distribution point, in DER.
    private static readonly byte[] Users = [0x81, 1, 0xff], Authorities = [0x82, 1, 0xff], SomeReasons = [0x83, 2, 5, 0x60];

    private static readonly Party Root = new("CN=Root, O=Test"), Mid = new("CN=Mid"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root), MidCa = Authority().Sign(Mid, Root);
    private static readonly X509Certificate2 Plain = Peer().Sign(Someone, Root), Bad = Peer().Sign(Someone, Root),
        OfOne = Peer(Points(Point(One))).Sign(Someone, Root), OfTwo = Peer(Points(Point(Two))).Sign(Someone, Root),
        Deep = Peer().Sign(Someone, Mid);

    private readonly TempFolder _folder = new();
    private int _files;

    public static TheoryData<string> Scopes => ["users", "authorities", "point", "point and users", "reasons", "everything"];

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Who_is_on_a_list_is_revoked_whatever_its_scope(string scope)
    {
        foreach (bool critical in (bool[])[true, false])
        {
            string list = Write(Of(scope), revoked: [Bad], critical: critical);
            foreach (MissingList missing in Enum.GetValues<MissingList>())
            {
                RevocationLists lists = Load(missing, list);
                Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Bad).Fault);
                Assert.False(new PeerAdmission { Revocation = lists }.EvaluateOpen(Identify(Bad)).Accepted);
                Assert.True(new PeerAdmission { Revocation = lists }.EvaluateOpen(Identify(Plain)).Accepted);
            }

            Assert.True(Evaluate(Load(MissingList.Allow, list), Plain).Accepted);
        }
    }

    [Theory]
    [InlineData("users", true)]
    [InlineData("authorities", false)]
    [InlineData("point", false)]
    [InlineData("point and users", false)]
    [InlineData("reasons", false)]
    [InlineData("everything", true)]
    public void Who_is_not_on_it_is_good_only_where_it_covers_him(string scope, bool isGood)
    {
        PeerVerdict verdict = Evaluate(Load(Write(Of(scope))), Plain);
        Assert.Equal(isGood ? RevocationGap.None : RevocationGap.OutOfScope, verdict.Problem?.Gap ?? RevocationGap.None);
        if (isGood) return;
        Assert.Equal(CertificateFault.RevocationUnknown, verdict.Fault);
        Assert.Contains("none of its issuer's revocation lists covers it", verdict.Explanation, StringComparison.Ordinal);
        Assert.Contains("--crl", ProblemText.Of(verdict.Problem!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_users_says_nothing_of_a_CA_and_one_of_CAs_nothing_of_users()
    {
        string ofMid = Write([], issuer: Mid);
        string users = Write([Users]), authorities = Write([Authorities]);
        Assert.Equal(RevocationGap.OutOfScope, Evaluate(Load(users, ofMid), Deep, MidCa).Problem!.Gap);
        Assert.Contains("CN=Mid", Evaluate(Load(users, ofMid), Deep, MidCa).Explanation, StringComparison.Ordinal);
        Assert.True(Evaluate(Load(authorities, ofMid), Deep, MidCa).Accepted);
        Assert.True(Evaluate(Load(users, authorities, ofMid), Deep, MidCa).Accepted);
        Assert.True(Evaluate(Load(users, authorities, ofMid), Plain).Accepted);
        string revoked = Write([Authorities], revoked: [MidCa]);
        Assert.Equal(CertificateFault.Revoked, Evaluate(Load(users, revoked, ofMid), Deep, MidCa).Fault);
    }

    [Fact]
    public void Under_legacy_a_CA_as_a_peer_is_of_the_CAs()
    {
        using var peer = new Party("CN=CA as a peer");
        using X509Certificate2 both = new CertificateForge
        {
            Extensions =
            [
                new X509BasicConstraintsExtension(true, false, 0, true),
                Usage(X509KeyUsageFlags.DigitalSignature),
                Purposes(TestPki.ClientAuth),
            ],
        }.Sign(peer, Root);
        PeerVerdict accepted = PeerVerifier.Verify(both, [], [RootCa], PeerRole.Client, policy: TlsPolicy.Legacy);
        Assert.True(accepted.Accepted, accepted.Explanation);
        Assert.Equal(RevocationGap.OutOfScope, Load(Write([Users])).Evaluate(accepted.Peer!, DateTimeOffset.UtcNow).Problem!.Gap);
        Assert.True(Load(Write([Authorities])).Evaluate(accepted.Peer!, DateTimeOffset.UtcNow).Accepted);
    }

    [Fact]
    public void A_list_of_a_point_covers_the_certificates_that_name_it()
    {
        string one = Write([PointOf(One), Users]), two = Write([PointOf(Two)], revoked: [Bad]);
        RevocationLists both = Load(one, two);
        Assert.Equal((2, 1), (both.Count, both.Entries));
        Assert.True(Evaluate(both, OfOne).Accepted);
        Assert.True(Evaluate(both, OfTwo).Accepted);
        Assert.Equal(RevocationGap.OutOfScope, Evaluate(both, Plain).Problem!.Gap);
        Assert.Equal(CertificateFault.Revoked, Evaluate(both, Bad).Fault);
        Assert.True(Evaluate(Load(one), OfOne).Accepted);
        Assert.Equal(RevocationGap.OutOfScope, Evaluate(Load(one), OfTwo).Problem!.Gap);
        // A point of CAs alone does not cover a user that names it.
        Assert.Equal(RevocationGap.OutOfScope, Evaluate(Load(Write([PointOf(One), Authorities])), OfOne).Problem!.Gap);
    }

    public static TheoryData<string, bool> Certificates => new()
    {
        { "one of two points", true },
        { "one of two names of the list", true },
        { "host in upper case, and a port that goes without saying", true },
        { "another path", false },
        { "a point of some reasons", false },
        { "a point with the issuer for signer", true },
        { "a point with another signer", false },
        { "a directory name, spelled otherwise", true },
        { "a relative name", true },
        { "a relative name in full", true },
        { "a relative name below another name", false },
        { "no name but the signer's", true },
        { "LDAP", true },
        { "seventeen points, the right one last", false },
        { "sixteen points, the right one last", true },
    };

    [Theory]
    [MemberData(nameof(Certificates))]
    public void Points_are_compared_by_any_of_their_names(string what, bool isCovered)
    {
        byte[] directory = Directory("CN=List, O=Test"), relative = Relative("List");
        byte[] signer = Tagged(0xA2, Directory("CN=ROOT, O=test")), otherSigner = Tagged(0xA2, Directory("CN=Else"));
        (byte[] ofList, byte[][] ofCertificate) = what switch
        {
            "one of two points" => (PointOf(One), [Point(Two), Point(One)]),
            "one of two names of the list" => (PointOf(Two, One), [Point(Ldap, One)]),
            "host in upper case, and a port that goes without saying" => (PointOf(One), [Point("HTTP://CA.Test:80/one.crl")]),
            "another path" => (PointOf(One), [Point("http://ca.test/ONE.crl")]),
            "a point of some reasons" => (PointOf(One), [[.. PointOf(One), 0x81, 2, 5, 0x60]]),
            "a point with the issuer for signer" => (PointOf(One), [[.. PointOf(One), .. signer]]),
            "a point with another signer" => (PointOf(One), [[.. PointOf(One), .. otherSigner]]),
            "a directory name, spelled otherwise" => (Full(directory), [Full(Directory("CN= list, O=TEST"))]),
            "a relative name" => (Tagged(0xA0, relative), [Tagged(0xA0, relative)]),
            "a relative name in full" => (Tagged(0xA0, relative), [Full(Directory("CN=Root, O=Test", "list"))]),
            "a relative name below another name" => (Tagged(0xA0, relative), [Full(Directory("CN=Mid", "List"))]),
            "no name but the signer's" => (Full(Directory("CN=Root, O=Test")), [signer]),
            "LDAP" => (PointOf(Ldap), [Point(Ldap)]),
            "seventeen points, the right one last" => (PointOf(One), [.. Others(16), Point(One)]),
            _ => (PointOf(One), (byte[][])[.. Others(15), Point(One)]),
        };
        using X509Certificate2 certificate = Peer(Points(ofCertificate)).Sign(Someone, Root);
        PeerVerdict verdict = Evaluate(Load(Write([ofList])), certificate);
        Assert.Equal((what, isCovered), (what, verdict.Accepted));
        Assert.Equal(CertificateFault.Revoked, Evaluate(Load(Write([ofList], revoked: [certificate])), certificate).Fault);
    }

    [Fact]
    public void Points_that_cannot_be_read_are_none()
    {
        byte[][] unreadable =
            [[0xA0, 9, 1], Tagged(0xA0, [0x85, 1, 1]), [], [0xA0], [0xA0, 0], Tagged(0xA0, [0xA1, 2, 5]), [.. Point(One), 5, 0]];
        foreach (byte[] point in unreadable)
        {
            using X509Certificate2 certificate = Peer(Points(Point(One), point)).Sign(Someone, Root);
            Assert.InRange(DistributionPoints.Of(certificate).Length, 0, point.Length == 0 ? 1 : 0);
        }

        foreach (byte[] value in (byte[][])[[], [5, 0], [0x30, 1]])
        {
            using X509Certificate2 certificate = Peer(Raw("2.5.29.31", value, critical: false)).Sign(Someone, Root);
            Assert.Empty(DistributionPoints.Of(certificate));
        }
    }

    [Fact]
    public void A_newer_list_takes_the_place_of_those_that_it_includes_and_of_no_other()
    {
        string oldUsers = Write([Users], revoked: [Bad], issued: -5), users = Write([Users], issued: -2);
        Assert.True(Evaluate(Load(oldUsers, users), Bad).Accepted);
        Assert.True(Evaluate(Load(users, oldUsers), Bad).Accepted);
        string complete = Write([], issued: -1);
        Assert.True(Evaluate(Load(oldUsers, complete), Bad).Accepted);
        string authorities = Write([Authorities], issued: -1), point = Write([PointOf(One)], issued: -1);
        string pointOfUsers = Write([PointOf(One), Users], issued: -1), reasons = Write([SomeReasons], issued: -1);
        foreach (string other in (string[])[authorities, point, pointOfUsers, reasons])
            Assert.Equal(CertificateFault.Revoked, Evaluate(Load(oldUsers, other), Bad).Fault);
        string oldComplete = Write([], revoked: [Bad], issued: -5);
        Assert.Equal(CertificateFault.Revoked, Evaluate(Load(oldComplete, users), Bad).Fault);
        // Of the same moment: neither takes the other's place.
        string twin = Write([Users], issued: -5);
        Assert.Equal(CertificateFault.Revoked, Evaluate(Load(oldUsers, twin), Bad).Fault);
    }

    [Fact]
    public void A_list_that_is_not_valid_yet_does_not_lock_out_whom_the_current_one_lets_in()
    {
        string current = Write([], revoked: [Bad], issued: -5), next = Write([], revoked: [Plain], issued: 3);
        RevocationLists lists = Load(next, current);
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Bad).Fault);
        Assert.True(Evaluate(lists, OfOne).Accepted);
        // Its CA has already said so.
        Assert.Equal(CertificateFault.Revoked, Evaluate(lists, Plain).Fault);
        PeerIdentity bad = Identify(Bad);
        Assert.True(lists.Evaluate(bad, DateTimeOffset.UtcNow.AddHours(4)).Accepted);
    }

    [Fact]
    public void Of_a_list_that_covers_the_certificate_and_is_stale_the_date_is_told()
    {
        string stale = Write([PointOf(One)], issued: -99, lasts: 1), other = Write([PointOf(Two)]);
        PeerVerdict verdict = Evaluate(Load(stale, other), OfOne);
        Assert.Equal(RevocationGap.Stale, verdict.Problem!.Gap);
        Assert.NotNull(verdict.Problem.Date);
        Assert.True(Evaluate(Load(stale, other), OfTwo).Accepted);
        Assert.Equal(RevocationGap.NotYetValid, Evaluate(Load(Write([Users], issued: 1)), OfOne).Problem!.Gap);
    }

    [Fact]
    public void Lists_that_leave_a_part_of_the_certificates_to_others_are_told_once_a_CA()
    {
        string users = Write([Users]), authorities = Write([Authorities]), one = Write([PointOf(One)]), two = Write([PointOf(Two), Users]);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        foreach (string[] partial in (string[][])[[users], [authorities], [one], [one, two], [one, users], [Write([SomeReasons])]])
        {
            RevocationListWarning warning = Assert.Single(Load(partial).WarningsAt(now));
            Assert.Equal((RevocationListDoubt.Partial, "CN=Root, O=Test"), (warning.Doubt, warning.Issuer));
            Note note = ProblemText.Of(warning, MissingList.Refuse);
            Assert.False(note.IsWarning);
            Assert.Contains("\"CN=Root, O=Test\"", note.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(Load(users, authorities).WarningsAt(now));
        Assert.Empty(Load(one, Write([])).WarningsAt(now));
    }

    [Fact]
    public void A_resumed_session_is_asked_the_same()
    {
        var verdicts = new VerdictMemory([RootCa], PeerRole.Client, expectedName: null, TlsPolicy.Strict);
        using X509Certificate2 peer = Peer(Points(Point(One))).Sign(Someone, Mid);
        Assert.True(verdicts.Evaluate(peer, [MidCa]).Accepted);
        PeerIdentity resumed = verdicts.Evaluate(peer, []).Peer!;
        string ofMid = Write([PointOf(One), Users], issuer: Mid), authorities = Write([Authorities]);
        Assert.True(Load(ofMid, authorities).Evaluate(resumed, DateTimeOffset.UtcNow).Accepted);
        string revoked = Write([PointOf(Two), Users], issuer: Mid, revoked: [peer]);
        Assert.Equal(CertificateFault.Revoked, Load(ofMid, revoked, authorities).Evaluate(resumed, DateTimeOffset.UtcNow).Fault);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[][] Of(string scope) => scope switch
    {
        "users" => [Users],
        "authorities" => [Authorities],
        "point" => [PointOf(One)],
        "point and users" => [PointOf(One), Users],
        "reasons" => [SomeReasons],
        _ => [[]],
    };

    private static RevocationLists Load(params string[] files) => Load(MissingList.Refuse, files);

    private static RevocationLists Load(MissingList missing, params string[] files) => RevocationLists.Load(files, [RootCa], missing);

    private static PeerIdentity Identify(X509Certificate2 certificate, params X509Certificate2[] sent)
    {
        PeerVerdict verdict = PeerVerifier.Verify(certificate, [.. sent], [RootCa], PeerRole.Client);
        Assert.True(verdict.Accepted, verdict.Explanation);
        return verdict.Peer!;
    }

    private static PeerVerdict Evaluate(RevocationLists lists, X509Certificate2 certificate, params X509Certificate2[] sent) =>
        lists.Evaluate(Identify(certificate, sent), DateTimeOffset.UtcNow);

    /// <summary>Writes a list; with no field it has no issuing distribution point.</summary>
    /// <param name="issued">When, in hours from now.</param>
    private string Write(
        byte[][] scope, X509Certificate2[]? revoked = null, Party? issuer = null, bool critical = true, int issued = -1, int lasts = 48)
    {
        byte[] fields = [.. scope.SelectMany(f => f)];
        string pem = new RevocationListForge
        {
            ThisUpdate = TimeSpan.FromHours(issued),
            NextUpdate = TimeSpan.FromHours(issued + lasts),
            Revoked = revoked ?? [],
            Extensions = scope.Length == 0 ? [] : [Raw("2.5.29.28", Tagged(0x30, fields), critical)],
        }.SignToPem(issuer ?? Root);
        return _folder.Write($"{_files++}.pem", pem);
    }

    private static X509Extension Points(params byte[][] points) =>
        Raw("2.5.29.31", Tagged(0x30, [.. points.SelectMany(p => Tagged(0x30, p))]), critical: false);

    private static IEnumerable<byte[]> Others(int count) => Enumerable.Range(0, count).Select(i => Point($"{Two}{i}"));

    private static byte[] Point(params string[] uris) => PointOf(uris);

    // [0] { [0] { [6] uri ... } }, in both extensions.
    private static byte[] PointOf(params string[] uris) =>
        Full([.. uris.SelectMany(u => Tagged(0x86, System.Text.Encoding.ASCII.GetBytes(u)))]);

    private static byte[] Full(byte[] names) => Tagged(0xA0, Tagged(0xA0, names));

    private static byte[] Directory(string name, params string[] below)
    {
        byte[] whole = new X500DistinguishedName(name).RawData;
        byte[] parts = new AsnReader(whole, AsnEncodingRules.DER).PeekContentBytes().ToArray();
        return Tagged(0xA4, Tagged(0x30, [.. parts, .. below.SelectMany(n => Tagged(0x31, Attribute(n)))]));
    }

    private static byte[] Relative(string name) => Tagged(0xA1, Attribute(name));

    private static byte[] Attribute(string commonName) =>
        Tagged(0x30, [6, 3, 0x55, 4, 3, .. Tagged(12, System.Text.Encoding.UTF8.GetBytes(commonName))]);

    private static byte[] Tagged(byte tag, byte[] content) => content.Length < 0x80
        ? [tag, (byte)content.Length, .. content]
        : [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];
}
