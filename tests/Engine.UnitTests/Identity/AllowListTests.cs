using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

public sealed class AllowListTests : IDisposable
{
    private static readonly Party Root = new("CN=Root");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("cn:alice", true)]
    [InlineData("CN: alice ", true)]
    [InlineData("cn:Alice", false)]
    [InlineData("cn:alic", false)]
    [InlineData("cn:*", false)]
    [InlineData("dns:a.example.org", true)]
    [InlineData("dns:A.Example.ORG.", true)]
    [InlineData("dns:*.example.org", false)]
    [InlineData("dns:alice", false)]
    [InlineData("dns:bücher.example", true)]
    [InlineData("uri:spiffe://example.org/alice", true)]
    [InlineData("uri:spiffe://example.org/Alice", false)]
    [InlineData("uri:spiffe://example.org", false)]
    public void One_name_in_full_is_enough(string entry, bool allowed)
    {
        PeerIdentity peer = Identify("CN=alice", Names("a.example.org", "xn--bcher-kva.example", "spiffe://example.org/alice"));
        PeerVerdict verdict = new PeerAllowList([entry, "cn:somebody else"]).Evaluate(peer);
        Assert.Equal(allowed ? CertificateFault.None : CertificateFault.NotAllowed, verdict.Fault);
        if (!allowed) Assert.Contains(peer.Fingerprint, verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fingerprint_names_one_certificate_with_colons_or_without()
    {
        PeerIdentity one = Identify("CN=alice"), other = Identify("CN=alice");
        string colons = string.Join(':', one.Fingerprint.ToLowerInvariant().Chunk(2).Select(c => new string(c)));
        foreach (string entry in new[] { $"sha256:{one.Fingerprint}", $"SHA256:{colons}" })
        {
            var list = new PeerAllowList([entry]);
            Assert.True(list.Evaluate(one).Accepted);
            Assert.False(list.Evaluate(other).Accepted);
        }
    }

    [Fact]
    public void A_DNS_name_in_capitals_is_the_same_name() =>
        Assert.True(new PeerAllowList(["dns:a.example.org"]).Evaluate(Identify("CN=alice", Names("A.Example.ORG"))).Accepted);

    [Fact]
    public void A_peer_with_a_name_that_cannot_be_read_is_not_let_in_by_its_others()
    {
        // The second DNS name has a byte that IA5String does not know.
        byte[] names = [0x30, 0x0a, 0x82, 4, (byte)'g', (byte)'o', (byte)'o', (byte)'d', 0x82, 2, (byte)'b', 0xfc];
        using var party = new Party("CN=alice");
        using X509Certificate2 certificate = new CertificateForge
        {
            Extensions = [Purposes(TestPki.ClientAuth), Raw("2.5.29.17", names, critical: false)],
        }.Sign(party, Root);
        Assert.Equal(CertificateFault.Malformed, PeerVerifier.Verify(certificate, [], [RootCa], PeerRole.Client).Fault);
        Assert.Equal(["cn:alice"], PeerNames.Of(certificate));
    }

    [Fact]
    public void A_common_name_that_shares_its_place_with_something_else_is_none()
    {
        // RelativeDistinguishedName (RFC 5280 section 4.1.2.4): a set, here of two.
        var name = new AsnWriter(AsnEncodingRules.DER);
        using (name.PushSequence())
        using (name.PushSetOf())
        {
            Write("2.5.4.3", "alice");
            Write("2.5.4.11", "staff");
        }

        PeerIdentity peer = Identify(new X500DistinguishedName(name.Encode()), Names("a.example.org"));
        Assert.False(new PeerAllowList(["cn:alice"]).Evaluate(peer).Accepted);
        Assert.True(new PeerAllowList(["dns:a.example.org"]).Evaluate(peer).Accepted);

        void Write(string type, string value)
        {
            using (name.PushSequence())
            {
                name.WriteObjectIdentifier(type);
                name.WriteCharacterString(UniversalTagNumber.UTF8String, value);
            }
        }
    }

    [Fact]
    public void Two_common_names_are_none_and_an_empty_list_lets_nobody_in()
    {
        PeerIdentity both = Identify("CN=alice, CN=bob");
        Assert.False(new PeerAllowList(["cn:alice", "cn:bob"]).Evaluate(both).Accepted);
        Assert.False(new PeerAllowList([]).Evaluate(Identify("CN=alice")).Accepted);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("cn:")]
    [InlineData(":alice")]
    [InlineData("ip:127.0.0.1")]
    [InlineData("sha256:1234")]
    [InlineData("sha256:zz")]
    [InlineData("sha256:zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("dns:a b")]
    [InlineData("dns:a\u0090b")]
    [InlineData("dns:..")]
    public void What_is_no_entry_is_refused(string entry)
    {
        Assert.Throws<FormatException>(() => new PeerAllowList([entry]));
        string file = _folder.Write("allow", $"# people\n\ncn:alice\n{entry}\n");
        Assert.Contains(
            "line 4", Assert.Throws<CertificateFileException>(() => PeerAllowList.ReadFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_may_have_remarks_empty_lines_CRLF_and_a_byte_order_mark()
    {
        string file = _folder.Write("allow", "\uFEFF# people\r\n\r\n  cn:alice  \r\ndns:B.example\r\n");
        Assert.Equal(["cn:alice", "dns:b.example"], PeerAllowList.ReadFile(file));
        Assert.Throws<CertificateFileException>(() => PeerAllowList.ReadFile(_folder.Write("binary", [0xff, 0xfe, 0x00])));
    }

    [Fact]
    public void Random_text_is_an_entry_or_a_sentence_and_nothing_else()
    {
        var random = new Random(20);
        const string letters = "cndsuri256:hau*.# \t\0\uFEFF\u202Eäxn--";
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => letters[random.Next(letters.Length)]));
            if (PeerAllowList.TryParse(text, out string? entry))
                Assert.True(PeerAllowList.TryParse(entry, out string? again) && again == entry, text);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static PeerIdentity Identify(string subject, params X509Extension[] extensions) =>
        Identify(new X500DistinguishedName(subject), extensions);

    private static PeerIdentity Identify(X500DistinguishedName subject, params X509Extension[] extensions)
    {
        using var party = new Party(subject);
        using X509Certificate2 certificate =
            new CertificateForge { Extensions = [Purposes(TestPki.ClientAuth), .. extensions] }.Sign(party, Root);
        return PeerVerifier.Verify(certificate, [], [RootCa], PeerRole.Client).Peer!;
    }
}
