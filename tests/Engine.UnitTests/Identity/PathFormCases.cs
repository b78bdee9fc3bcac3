using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>
/// What cannot be read in one way only, at every place of a path; name constraints and policies that are not what they should be.
/// </summary>
internal static class PathFormCases
{
    private const string AlternativeName = "2.5.29.17", KeyUsage = "2.5.29.15", AnyPurpose = "2.5.29.37.0", Policy = "1.3.6.1.4.1.32473.2";

    private static readonly Party Root = new("CN=Root"), Mid = new("CN=Mid"), Low = new("CN=Low"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    public static Dictionary<string, Func<PathCase>> All { get; } = new(
    [
        .. Twice(), .. Versions(), .. Extensions(), .. AlternativeNames(), .. Wildcards(), .. ConstraintForms(), .. Policies(), .. Words(),
    ]);

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Twice()
    {
        X509Extension unknown = Raw("1.2.3.4.5", [5, 0], critical: false);
        const string says = "has the extension 1.2.3.4.5 twice.";
        yield return Case("an extension twice in the peer's own", () => Direct(Peer(unknown, unknown), CertificateFault.Malformed)
            .Saying($"\"CN=peer\" (the peer's own) {says}"));
        yield return Case("an extension twice in an intermediate", () => Below(
            Authority(null, unknown, unknown), CertificateFault.Malformed).Saying($"\"CN=Mid\" (intermediate 1) {says}"));
        yield return Case("an extension twice in a root", () => Direct(Peer(), CertificateFault.Malformed)
            .Trusting(Authority(null, unknown, unknown).Sign(Root, Root)).Saying($"\"CN=Root\" (the root) {says}"));
        yield return Case("an extension twice in an intermediate under legacy", () => Below(
            Authority(null, unknown, unknown), CertificateFault.Malformed).UnderLegacy());
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Versions()
    {
        foreach (int version in new[] { 4, 6 })
        {
            yield return Case($"the peer's own of version {version}", () => Direct(
                Peer() with { Version = version }, CertificateFault.Malformed));
            yield return Case($"an intermediate of version {version}", () => Below(
                Authority() with { Version = version }, CertificateFault.Malformed).Saying("(intermediate 1) cannot be read"));
            yield return Case($"a root of version {version}", () => Direct(Peer(), CertificateFault.Malformed)
                .Trusting((Authority() with { Version = version }).Sign(Root, Root)));
        }

        yield return Case("an intermediate of version 1 with the extensions of a CA", () => Below(
            Authority() with { Version = 1 }, CertificateFault.Malformed));
        yield return Case("an intermediate of version 2", () => Below(new CertificateForge { Version = 2 }, CertificateFault.InvalidChain));
        yield return Case("version 1 with extensions under legacy", () => Direct(
            Peer() with { Version = 1 }, CertificateFault.Malformed).UnderLegacy());
        yield return Case("a root of version 1, as old recipes make them", () => Direct(Peer())
            .Trusting(new CertificateForge { Version = 1 }.Sign(Root, Root)).WithOpenSsl(true));
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Extensions()
    {
        (string Oid, string Name)[] known =
        [
            (KeyUsage, "key usage"), ("2.5.29.30", "name constraints"), ("2.5.29.32", "certificate policies"),
            ("2.5.29.33", "policy mappings"), ("2.5.29.36", "policy constraints"), ("2.5.29.54", "inhibit anyPolicy"),
            ("2.5.29.37", "extended key usage"), ("2.5.29.14", "subject key identifier"), ("2.5.29.35", "authority key identifier"),
            (AlternativeName, "subject alternative name"),
        ];
        foreach ((string oid, string name) in known)
        {
            X509Extension bad = Raw(oid, [0x30, 3, 1], critical: false);
            string says = $"its {name} ({oid}) is malformed.";
            CertificateForge authority = new() { Extensions = [new X509BasicConstraintsExtension(true, false, 0, true), bad] };
            yield return Case($"{name} of an intermediate that cannot be read", () => Below(authority, CertificateFault.Malformed)
                .Saying($"\"CN=Mid\" (intermediate 1) cannot be read: {says}"));
            yield return Case($"{name} of a root that cannot be read", () => Direct(Peer(), CertificateFault.Malformed)
                .Trusting(authority.Sign(Root, Root)).Saying($"\"CN=Root\" (the root) cannot be read: {says}"));
            yield return Case($"{name} of the peer's own that cannot be read", () => Direct(
                new CertificateForge { Extensions = [bad] }, CertificateFault.Malformed)
                .Saying($"\"CN=peer\" (the peer's own) cannot be read: {says}"));
        }
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> AlternativeNames()
    {
        (string Name, byte[] Value)[] malformed =
        [
            ("no name", [0x30, 0]),
            ("bytes behind the names", [0x30, 3, 0x82, 1, (byte)'a', 0x05, 0x00]),
            ("an address of 5 bytes", [0x30, 7, 0x87, 5, 127, 0, 0, 1, 0]),
            ("an address of 8 bytes, as a constraint has it", [0x30, 10, 0x87, 8, 127, 0, 0, 0, 255, 0, 0, 0]),
            ("an empty address", [0x30, 2, 0x87, 0]),
            ("an empty DNS name", [0x30, 2, 0x82, 0]),
            ("an empty URI", [0x30, 2, 0x86, 0]),
            ("an empty address for mail", [0x30, 2, 0x81, 0]),
            ("a NUL in a DNS name", [0x30, 5, 0x82, 3, (byte)'a', 0, (byte)'b']),
            ("a line feed in a URI", [0x30, 5, 0x86, 3, (byte)'a', 10, (byte)'b']),
            ("a byte that is not ASCII", [0x30, 3, 0x82, 1, 0xfc]),
            ("a kind of name that does not exist", [0x30, 3, 0x8c, 1, (byte)'a']),
            ("a directory name that is none", [0x30, 4, 0xa4, 2, 0x31, 0]),
            ("a good name before a bad one", [0x30, 5, 0x82, 1, (byte)'a', 0x82, 0]),
            ("a length that is not minimal", [0x30, 0x81, 3, 0x82, 1, (byte)'a']),
        ];
        foreach ((string name, byte[] value) in malformed)
        {
            foreach (PeerRole role in Enum.GetValues<PeerRole>())
            {
                yield return Case($"alternative names of a {role}: {name}", () => Direct(
                    With(Purposes(TestPki.ClientAuth, TestPki.ServerAuth), Raw(AlternativeName, value, critical: false)),
                    CertificateFault.Malformed) with
                { Role = role, Says = "subject alternative name (2.5.29.17) is malformed" });
            }
        }

        byte[] all =
        [
            0x30, 34,
            0x82, 3, (byte)'*', (byte)'.', (byte)'a',
            0x81, 3, (byte)'a', (byte)'@', (byte)'b',
            0x86, 3, (byte)'u', (byte)':', (byte)'v',
            0x87, 4, 127, 0, 0, 1,
            0x88, 2, 0x2a, 3,
            0xa0, 7, 6, 1, 42, 0xa0, 2, 5, 0,
        ];
        yield return Case("alternative names of every kind", () => Direct(
            With(Purposes(TestPki.ClientAuth), Raw(AlternativeName, all, critical: false))));
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Wildcards()
    {
        (string Names, string? Permitted, string? Excluded, bool Good, bool? OpenSsl)[] cases =
        [
            ("*.example.com", null, "bar.example.com", false, null),
            ("*.example.com", null, "BAR.Example.COM", false, null),
            ("*.example.com", null, "a.bar.example.com", true, true),
            ("*.example.com", null, "example.com", false, false),
            ("*.example.com", null, "com", false, false),
            ("*.example.com", null, "", false, false),
            ("*.example.com", null, "example.org", true, true),
            ("*.example.com", null, "ample.com", true, true),
            ("b*.example.com", null, "bar.example.com", false, null),
            ("*.bar.example.com", null, "bar.example.com", false, false),
            ("*.example.com", "example.com", null, true, true),
            ("*.example.com", "bar.example.com", null, false, false),
            ("*.bar.example.com", "example.com", null, true, true),
            ("*.example.com", "example.com", "bar.example.com", false, null),
            ("foo.example.com,*.example.com", null, "bar.example.com", false, null),
            ("foo.example.com", null, "bar.example.com", true, true),
            ("bar.example.com", null, "bar.example.com", false, false),
        ];
        foreach ((string names, string? permitted, string? excluded, bool good, bool? openSsl) in cases)
        {
            foreach (PeerRole role in Enum.GetValues<PeerRole>())
            {
                yield return Case($"{names} of a {role}, permitted {permitted}, excluded {excluded}", () => Constrained(
                    Constraints(permitted, excluded), good ? CertificateFault.None : CertificateFault.InvalidChain, names.Split(','))
                    with
                { Role = role, OpenSsl = role == PeerRole.Client ? openSsl : null });
            }
        }

        yield return Case("a wildcard that a root excludes", () => Direct(
            With(Purposes(TestPki.ClientAuth), Names("*.example.com")), CertificateFault.InvalidChain)
            .Trusting(Authority(null, Constraints(null, "bar.example.com")).Sign(Root, Root))
            .Saying("has a name that the name constraints of \"CN=Root\" do not allow: \"*.example.com\"."));
        yield return Case("a wildcard that a CA two levels up excludes", () => new PathCase(
            With(Purposes(TestPki.ClientAuth), Names("*.example.com")).Sign(Someone, Low),
            [Authority().Sign(Low, Mid), Authority(null, Constraints(null, "bar.example.com")).Sign(Mid, Root)],
            [RootCa], CertificateFault.InvalidChain));
        byte[] leadingPeriod = [0x30, 14, 0x82, 12, .. ".example.com"u8];
        yield return Case("a name that can be no host below a constraint", () => new PathCase(
            With(Purposes(TestPki.ClientAuth), Raw(AlternativeName, leadingPeriod, critical: false)).Sign(Someone, Mid),
            [Authority(null, Constraints("example.com", null)).Sign(Mid, Root)], [RootCa], CertificateFault.InvalidChain));
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> ConstraintForms()
    {
        (string Name, byte[] Value)[] malformed =
        [
            ("nothing", [0x30, 0]),
            ("no subtrees", [0x30, 4, 0xa0, 0, 0xa1, 0]),
            ("leading period", Subtree(2, ".example.com")),
            ("wildcard", Subtree(2, "*.example.com")),
            ("two periods", Subtree(2, "a..example.com")),
            ("blank", Subtree(2, "a b")),
            ("mail with two at signs", Subtree(1, "a@b@example.com")),
            ("URI with a scheme", Subtree(6, "https://example.com")),
            ("address without a mask", Subtree(7, "\u007f\0\0\u0001")),
            ("mask with a hole", Subtree(7, "\u007f\0\0\u0001\u007f\0\u007f\0")),
            ("maximum", [0x30, 11, 0xa0, 9, 0x30, 7, 0x82, 1, (byte)'a', 0x81, 2, 0, 1]),
            ("bytes behind", [.. Subtree(2, "example.com"), 5, 0]),
        ];
        foreach ((string name, byte[] value) in malformed)
        {
            yield return Case($"name constraints of an intermediate: {name}", () => Constrained(
                Raw("2.5.29.30", value, critical: true), CertificateFault.Malformed, "foo.example.com")
                .Saying("\"CN=Mid\" (intermediate 1) cannot be read: its name constraints (2.5.29.30) is malformed."));
            yield return Case($"name constraints of a root: {name}", () => Direct(
                With(Purposes(TestPki.ClientAuth), Names("foo.example.com")), CertificateFault.Malformed)
                .Trusting(Authority(null, Raw("2.5.29.30", value, critical: true)).Sign(Root, Root)));
        }

        (string Name, byte[] Value)[] good =
        [
            ("mail of a host", Subtree(1, "example.com")), ("mail of a domain", Subtree(1, ".example.com")),
            ("a mailbox", Subtree(1, "a@example.com")), ("URIs of a domain", Subtree(6, ".example.com")),
            ("an underscore", Subtree(2, "_x.example.org", permitted: false)), ("not critical", Subtree(2, "example.com")),
            ("a network", Subtree(7, "\u000a\0\0\0\u00ff\0\0\0")), ("all addresses", Subtree(7, "\0\0\0\0\0\0\0\0", permitted: false)),
        ];
        foreach ((string name, byte[] value) in good)
        {
            yield return Case($"name constraints that can be read: {name}", () => Constrained(
                Raw("2.5.29.30", value, critical: name != "not critical"), CertificateFault.None, "foo.example.com").WithOpenSsl(true));
        }
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Policies()
    {
        X509Extension required = Required(0), named = Declared(Policy), other = Declared("1.3.6.1.4.1.32473.3"),
            any = Declared("2.5.29.32.0");
        (string Name, X509Extension[] Mid, X509Extension[] Peer, bool Good)[] cases =
        [
            ("required, and none", [required], [], false),
            ("required, and the CA has none", [required], [named], false),
            ("required, and the peer has none", [required, named], [], false),
            ("required, and both have it", [required, named], [named], true),
            ("required, and they have different ones", [required, named], [other], false),
            ("required, and the CA has any", [required, any], [named], true),
            ("required, and the peer has any", [required, named], [any], true),
            ("required, and any is inhibited", [required, named, Inhibited(0)], [any], false),
            ("required, and mapped", [required, named, Mapped(Policy, "1.3.6.1.4.1.32473.3")], [other], true),
            ("required, and mapped away", [required, named, Mapped(Policy, "1.3.6.1.4.1.32473.3")], [named], false),
            ("required from the third certificate on", [Required(2)], [], true),
            ("required by the peer's own", [], [required], false),
            ("not required", [named], [other], true),
        ];
        foreach ((string name, X509Extension[] mid, X509Extension[] peer, bool good) in cases)
        {
            yield return Case($"policy {name}", () => new PathCase(
                Peer(peer).Sign(Someone, Mid), [Authority(null, mid).Sign(Mid, Root)], [RootCa],
                good ? CertificateFault.None : CertificateFault.InvalidChain));
        }

        yield return Case("policy required by the root, and none", () => Direct(Peer(), CertificateFault.InvalidChain)
            .Trusting(Authority(null, required).Sign(Root, Root)).Saying("the CA \"CN=Root\" (the root) requires a certificate policy"));
        yield return Case("policy required by the root, and there", () => Direct(Peer(named))
            .Trusting(Authority(null, required, named).Sign(Root, Root)));
    }

    private static IEnumerable<KeyValuePair<string, Func<PathCase>>> Words()
    {
        yield return Case("any purpose in an intermediate: openssl 3.0 asks for the one", () => Below(
            Authority(null, Purposes(AnyPurpose))));
        yield return Case("any purpose in a root", () => Direct(Peer()).Trusting(Authority(null, Purposes(AnyPurpose)).Sign(Root, Root)));
        yield return Case("the CA's purpose, and not the peer's", () => Below(
            Authority(null, Purposes(TestPki.ServerAuth)), CertificateFault.WrongPurpose)
            .Saying("The certificate \"CN=Mid\" (intermediate 1) is not made for a client (clientAuth)."));
        yield return Case("the root's purpose", () => Direct(Peer(), CertificateFault.WrongPurpose)
            .Trusting(Authority(null, Purposes(TestPki.ServerAuth)).Sign(Root, Root))
            .Saying("The certificate \"CN=Root\" (the root) is not made for a client (clientAuth)."));
        yield return Case("no CA", () => Below(Peer(), CertificateFault.InvalidChain)
            .Saying("\"CN=Mid\" (intermediate 1) is not that of a CA by its basic constraints"));
        yield return Case("no keyCertSign", () => Below(
            With(new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.CrlSign)), CertificateFault.InvalidChain)
            .Saying("the key usage of the CA \"CN=Mid\" (intermediate 1) lacks keyCertSign"));
        yield return Case("no keyCertSign in the root", () => Direct(Peer(), CertificateFault.InvalidChain)
            .Trusting(With(new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.CrlSign)).Sign(Root, Root))
            .Saying("the key usage of the CA \"CN=Root\" (the root) lacks keyCertSign"));
        yield return Case("path length", () => new PathCase(
            Peer().Sign(Someone, Low), [Authority().Sign(Low, Mid), Authority(pathLength: 0).Sign(Mid, Root)], [RootCa],
            CertificateFault.InvalidChain).Saying("below the CA \"CN=Mid\" (intermediate 2) stand more CAs than its path length allows"));
        yield return Case("an unknown critical extension of an intermediate", () => Below(
            Authority(null, Raw("1.2.3.4.5", [5, 0], critical: true)), CertificateFault.InvalidChain)
            .Saying("\"CN=Mid\" (intermediate 1) has a critical extension that is not known here: 1.2.3.4.5"));
        yield return Case("another key identifier than the issuer's", () => new PathCase(
            Peer(IssuerIdentifier(Low)).Sign(Someone, Root), [], [Authority(null, KeyIdentifier(Root)).Sign(Root, Root)],
            CertificateFault.InvalidChain).WithOpenSsl(false)
            .Saying("\"CN=peer\" (the peer's own) names another key as its issuer's (authority key identifier) than \"CN=Root\" has"));
        yield return Case("expired intermediate", () => Below(
            Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }, CertificateFault.Expired)
            .Saying("The certificate \"CN=Mid\" (intermediate 1) expired on"));
        // The thirteenth month.
        byte[] dates = Encoding.ASCII.GetBytes("0\u001e\u0017\r261301000000Z\u0017\r261301000000Z");
        yield return Case("dates that cannot be read", () => Direct(Peer() with { Validity = dates }, CertificateFault.Malformed)
            .Saying("\"CN=peer\" (the peer's own) cannot be read: its validity dates are malformed"));
        yield return Case("dates of an intermediate that cannot be read", () => Below(
            Authority() with { Validity = dates }, CertificateFault.Malformed)
            .Saying("\"CN=Mid\" (intermediate 1) cannot be read: its validity dates are malformed"));
    }

    private static KeyValuePair<string, Func<PathCase>> Case(string name, Func<PathCase> make) => new(name, make);

    private static CertificateForge With(params X509Extension[] extensions) => new() { Extensions = extensions };

    private static PathCase Direct(CertificateForge forge, CertificateFault expected = CertificateFault.None) =>
        new(forge.Sign(Someone, Root), [], [RootCa], expected);

    private static PathCase Below(CertificateForge authority, CertificateFault expected = CertificateFault.None) =>
        new(Peer().Sign(Someone, Mid), [authority.Sign(Mid, Root)], [RootCa], expected);

    private static PathCase Constrained(X509Extension constraints, CertificateFault expected, params string[] names) => new(
        With(Purposes(TestPki.ClientAuth, TestPki.ServerAuth), Names(names)).Sign(Someone, Mid),
        [Authority(null, constraints).Sign(Mid, Root)], [RootCa], expected);

    private static byte[] Subtree(int kind, string name, bool permitted = true)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, permitted ? 0 : 1)))
        using (writer.PushSequence())
            writer.WriteOctetString(Encoding.Latin1.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, kind));
        return writer.Encode();
    }

    private static X509Extension Required(int after) => Raw("2.5.29.36", [0x30, 3, 0x80, 1, (byte)after], critical: true);

    private static X509Extension Inhibited(int after) => Raw("2.5.29.54", [2, 1, (byte)after], critical: true);

    private static X509Extension Declared(string policy)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence()) writer.WriteObjectIdentifier(policy);
        return Raw("2.5.29.32", writer.Encode(), critical: false);
    }

    private static X509Extension Mapped(string issuer, string subject)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(issuer);
            writer.WriteObjectIdentifier(subject);
        }

        return Raw("2.5.29.33", writer.Encode(), critical: true);
    }
}
