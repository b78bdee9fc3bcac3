using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>RFC 5280 section 7.1: every encoding of a name, at every place where names meet.</summary>
public sealed class DistinguishedNameTests : IDisposable
{
    private const string CommonName = "2.5.4.3", Organization = "2.5.4.10", DomainComponent = "0.9.2342.19200300.100.1.25";
    private const int Utf8 = 12, Numeric = 18, Printable = 19, Teletex = 20, Ia5 = 22, Visible = 26, Universal = 28, Bmp = 30;

    private static readonly Party Someone = new("CN=peer");

    private readonly TempFolder _folder = new();

    /// <summary>Two spellings of a name of two parts.</summary>
    public static TheoryData<string, string, int, string, int> Same => new()
    {
        { "kind of string", "Test CA 1", Utf8, "Test CA 1", Printable },
        { "BMP", "Test CA 1", Utf8, "Test CA 1", Bmp },
        { "universal", "Test CA 1", Printable, "Test CA 1", Universal },
        { "teletex", "Test CA 1", Teletex, "Test CA 1", Utf8 },
        { "IA5", "Test CA 1", Ia5, "Test CA 1", Printable },
        { "upper case", "test ca 1", Utf8, "TEST CA 1", Utf8 },
        { "upper case in another kind", "test ca 1", Printable, "TEST CA 1", Bmp },
        { "spaces inside", "Test CA 1", Utf8, "Test  CA   1", Utf8 },
        { "spaces at the ends", "Test CA 1", Utf8, "  Test CA 1 ", Printable },
        { "what a printable string may not have", "test_ca@example.org*", Printable, "test_ca@example.org*", Utf8 },
    };

    /// <summary>Those that openssl, which builds the paths, takes for two; they count where a list meets its CA.</summary>
    public static TheoryData<string, string, int, string, int> SameBeyondOpenSsl => new()
    {
        { "IA5 and visible", "Test CA 1", Ia5, "Test CA 1", Visible },
        { "numeric", "12 34", Numeric, "12 34", Printable },
        { "letters of Latin 1", "Zürich é", Teletex, "Zürich é", Utf8 },
        { "upper case beyond ASCII", "zürich Ωµέγα дом", Utf8, "ZÜRICH ωΜΈΓΑ ДОМ", Bmp },
        { "sharp s", "Straße", Utf8, "STRASSE", Utf8 },
        { "other spaces", "Test CA 1", Utf8, "Test\u00A0CA\u2003\t1", Utf8 },
        { "what nobody sees", "Test CA 1", Utf8, "Te\u00ADst\u200D CA\0 1\uFEFF", Utf8 },
        { "beyond the first plane", "\U00010400 CA", Universal, "\U00010428 ca", Utf8 },
    };

    public static TheoryData<string, string, int, string, int> Different => new()
    {
        { "another letter", "Test CA 1", Utf8, "Test CA 2", Utf8 },
        { "no space", "Test CA 1", Utf8, "TestCA 1", Utf8 },
        { "longer", "Test CA 1", Utf8, "Test CA 11", Printable },
        { "accent", "Zurich", Utf8, "Zürich", Utf8 },
    };

    [Theory]
    [MemberData(nameof(Same))]
    [MemberData(nameof(SameBeyondOpenSsl))]
    public void Spellings_of_one_name_are_the_same(string what, string one, int kind, string other, int otherKind)
    {
        X500DistinguishedName first = Name(one, kind), second = Name(other, otherKind);
        Assert.True(DistinguishedName.AreSame(first, second), what);
        Assert.Equal(DistinguishedName.DigestOf(first), DistinguishedName.DigestOf(second.RawData));
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void Two_names_are_not_the_same(string what, string one, int kind, string other, int otherKind)
    {
        Assert.False(DistinguishedName.AreSame(Name(one, kind), Name(other, otherKind)), what);
        Assert.NotEqual(DistinguishedName.DigestOf(Name(one, kind)), DistinguishedName.DigestOf(Name(other, otherKind)));
    }

    [Fact]
    public void The_order_of_parts_counts_and_that_of_the_attributes_of_one_part_does_not()
    {
        byte[] one = Encode([(CommonName, "a"), (Organization, "b")]), turned = Encode([(Organization, "B"), (CommonName, "A")]);
        Assert.True(DistinguishedName.AreSame(one, turned));
        byte[] parts = Encode([(CommonName, "a")], [(Organization, "b")]), turnedParts = Encode([(Organization, "b")], [(CommonName, "a")]);
        Assert.False(DistinguishedName.AreSame(parts, turnedParts));
        Assert.False(DistinguishedName.AreSame(one, parts));
        Assert.False(DistinguishedName.AreSame(Encode([(CommonName, "a")]), Encode([(Organization, "a")])));
        Assert.False(DistinguishedName.AreSame(Encode([(CommonName, "a")]), Encode([(CommonName, "a")], [(CommonName, "a")])));
        Assert.True(DistinguishedName.AreSame(Encode(), Encode()));
        Assert.False(DistinguishedName.AreSame(Encode(), Encode([(CommonName, "")])));
    }

    [Fact]
    public void What_cannot_be_read_is_compared_byte_by_byte()
    {
        byte[] invalid = Encode(writer => writer.WriteEncodedValue([Utf8, 2, 0xC3, 0x28]));
        byte[] odd = Encode(writer => writer.WriteEncodedValue([Bmp, 3, 0, 0x41, 0]));
        byte[] surrogate = Encode(writer => writer.WriteEncodedValue([Bmp, 2, 0xD8, 0]));
        byte[] bits = Encode(writer => writer.WriteBitString([1, 2]));
        byte[] number = Encode(writer => writer.WriteInteger(5));
        byte[][] names =
            [invalid, odd, surrogate, bits, number, [], [0x30, 5, 1], [0x30, 3, 0x31, 1, 5], [1, 2, 3], [0x30, 0], [0x30, 0, 0]];
        for (int i = 0; i < names.Length; i++)
        {
            for (int k = 0; k < names.Length; k++)
            {
                Assert.Equal(i == k, DistinguishedName.AreSame(names[i], (byte[])names[k].Clone()));
                Assert.Equal(i == k, DistinguishedName.DigestOf(names[i]) == DistinguishedName.DigestOf(names[k]));
            }
        }
    }

    [Fact]
    public void A_name_is_compared_with_the_text_of_another()
    {
        var name = new X500DistinguishedName("CN=Test CA, O=Example, DC=example");
        foreach (string text in (string[])[name.Name, "CN=test  ca, O=EXAMPLE, DC=Example", "cn=Test CA,o=Example,dc=example"])
            Assert.True(DistinguishedName.AreSame(name, text), text);
        string[] others = ["", "CN=Test CA", "CN=Test CA, O=Other, DC=example", "no name", "CN=\"", "=", "O=Example, CN=Test CA"];
        foreach (string text in others)
            Assert.False(DistinguishedName.AreSame(name, text), text);
        var several = new X500DistinguishedName(Encode([(CommonName, "a"), (Organization, "b")]));
        Assert.True(DistinguishedName.AreSame(several, several.Name));
    }

    [Fact]
    public void A_name_changed_at_random_never_throws()
    {
        var random = new Random(12);
        byte[] whole = Encode([(CommonName, "Test CA"), (Organization, "Zürich")], [(DomainComponent, "example")]);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = [.. whole];
            for (int n = random.Next(1, 4); n > 0; n--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.True(DistinguishedName.AreSame(damaged, (byte[])damaged.Clone()));
            DistinguishedName.DigestOf(damaged);
        }
    }

    [Theory]
    [MemberData(nameof(Same))]
    [MemberData(nameof(SameBeyondOpenSsl))]
    public void A_list_is_that_of_a_CA_whose_name_it_spells_otherwise(string what, string one, int kind, string other, int otherKind)
    {
        using var ca = new Party(Name(one, kind));
        using var speller = new Party(Name(other, otherKind), ca.Key);
        using X509Certificate2 root = Authority().Sign(ca, ca), good = Peer().Sign(Someone, ca), bad = Peer().Sign(Someone, ca);
        string file = _folder.Write("list.pem", new RevocationListForge { Revoked = [bad] }.SignToPem(speller));
        foreach (MissingList missing in Enum.GetValues<MissingList>())
        {
            RevocationLists lists = RevocationLists.Load([file], [root], missing);
            Assert.Empty(lists.WarningsAt(DateTimeOffset.UtcNow));
            Assert.True(Evaluate(lists, good, root).Accepted, what);
            Assert.Equal(CertificateFault.Revoked, Evaluate(lists, bad, root).Fault);
        }
    }

    [Theory]
    [MemberData(nameof(Same))]
    [MemberData(nameof(SameBeyondOpenSsl))]
    public void A_list_is_that_of_a_CA_that_a_peer_shows_later(string what, string one, int kind, string other, int otherKind)
    {
        using var root = new Party("CN=Root");
        using var mid = new Party(Name(one, kind));
        using var speller = new Party(Name(other, otherKind), mid.Key);
        using X509Certificate2 rootCa = Authority().Sign(root, root), midCa = Authority().Sign(mid, root), bad = Peer().Sign(Someone, mid);
        RevocationLists lists = RevocationLists.Load(
            [_folder.Write("list.pem", new RevocationListForge { Revoked = [bad] }.SignToPem(speller))], [rootCa], MissingList.Allow);
        Assert.Single(lists.WarningsAt(DateTimeOffset.UtcNow));
        Assert.Equal((what, CertificateFault.Revoked), (what, Evaluate(lists, bad, rootCa, midCa).Fault));
    }

    [Fact]
    public void A_list_of_the_same_name_by_another_key_stays_forged()
    {
        using var ca = new Party(Name("Test CA", Utf8));
        using var forger = new Party(Name("TEST CA", Printable));
        using X509Certificate2 root = Authority().Sign(ca, ca);
        string file = _folder.Write("list.pem", new RevocationListForge().SignToPem(forger));
        CertificateFileException refused = Assert.Throws<CertificateFileException>(() => RevocationLists.Load([file], [root]));
        Assert.Equal(RevocationListProblem.NotSigned, refused.RevocationList);
    }

    [Theory]
    [MemberData(nameof(Same))]
    public void An_intermediate_that_a_peer_spells_otherwise_completes_its_chain(
        string what, string one, int kind, string other, int otherKind)
    {
        using var root = new Party("CN=Root");
        using var mid = new Party(Name(one, kind));
        using var speller = new Party(Name(other, otherKind), mid.Key);
        using X509Certificate2 rootCa = Authority().Sign(root, root), midCa = Authority().Sign(mid, root);
        using X509Certificate2 first = Peer().Sign(Someone, mid), resumed = Peer().Sign(Someone, speller);
        var verdicts = new VerdictMemory([rootCa], PeerRole.Client, expectedName: null, TlsPolicy.Strict);
        Assert.True(verdicts.Evaluate(first, [midCa]).Accepted);
        PeerVerdict verdict = verdicts.Evaluate(resumed, []);
        Assert.True(verdict.Accepted, $"{what}: {verdict.Explanation}");
    }

    [Theory]
    [MemberData(nameof(Same))]
    public void A_CA_that_was_renewed_with_another_spelling_has_the_same_lists(
        string what, string one, int kind, string other, int otherKind)
    {
        using var old = new Party(Name(one, kind));
        using var renewed = new Party(Name(other, otherKind), old.Key);
        using X509Certificate2 oldCa = Authority().Sign(old, old), newCa = Authority().Sign(renewed, renewed);
        Assert.Equal((what, Digest.OfAuthority(oldCa)), (what, Digest.OfAuthority(newCa)));
        using X509Certificate2 bad = Peer().Sign(Someone, renewed);
        string file = _folder.Write("list.pem", new RevocationListForge { Revoked = [bad] }.SignToPem(old));
        Assert.Equal(CertificateFault.Revoked, Evaluate(RevocationLists.Load([file], [newCa]), bad, newCa).Fault);
    }

    public void Dispose() => _folder.Dispose();

    private static PeerVerdict Evaluate(RevocationLists lists, X509Certificate2 peer, X509Certificate2 root, params X509Certificate2[] sent)
    {
        PeerVerdict verdict = PeerVerifier.Verify(peer, [.. sent], [root], PeerRole.Client);
        Assert.True(verdict.Accepted, verdict.Explanation);
        return lists.Evaluate(verdict.Peer!, DateTimeOffset.UtcNow);
    }

    private static X500DistinguishedName Name(string commonName, int kind)
    {
        var name = new AsnWriter(AsnEncodingRules.DER);
        using (name.PushSequence())
        {
            Write(name, [(DomainComponent, "example")]);
            using (name.PushSetOf())
            using (name.PushSequence())
            {
                name.WriteObjectIdentifier(CommonName);
                byte[] bytes = EncodingOf(kind).GetBytes(commonName);
                name.WriteEncodedValue([(byte)kind, (byte)bytes.Length, .. bytes]);
            }
        }

        return new X500DistinguishedName(name.Encode());
    }

    private static Encoding EncodingOf(int kind) => kind switch
    {
        Utf8 => Encoding.UTF8,
        Bmp => Encoding.BigEndianUnicode,
        Universal => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
        _ => Encoding.Latin1,
    };

    private static byte[] Encode(params (string Attribute, string Text)[][] parts)
    {
        var name = new AsnWriter(AsnEncodingRules.DER);
        using (name.PushSequence())
        {
            foreach ((string, string)[] part in parts) Write(name, part);
        }

        return name.Encode();
    }

    private static byte[] Encode(Action<AsnWriter> value)
    {
        var name = new AsnWriter(AsnEncodingRules.DER);
        using (name.PushSequence())
        using (name.PushSetOf())
        using (name.PushSequence())
        {
            name.WriteObjectIdentifier(CommonName);
            value(name);
        }

        return name.Encode();
    }

    private static void Write(AsnWriter name, (string Attribute, string Text)[] part)
    {
        using (name.PushSetOf())
        {
            foreach ((string attribute, string text) in part)
            {
                using (name.PushSequence())
                {
                    name.WriteObjectIdentifier(attribute);
                    bool isDomain = attribute == DomainComponent;
                    name.WriteCharacterString(isDomain ? UniversalTagNumber.IA5String : UniversalTagNumber.UTF8String, text);
                }
            }
        }
    }
}
