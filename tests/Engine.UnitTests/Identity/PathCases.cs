using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>The matrix of path validation (RFC 5280 section 6, RFC 6125, and the rules of PeerVerifier), by name.</summary>
internal static class PathCases
{
    private static readonly Party Root = new("CN=Root"), RsaRoot = new("CN=RSA root", RSA.Create(2048)), Mid = new("CN=Mid"),
        Low = new("CN=Low"), Peer = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root), MidCa = Authority().Sign(Mid, Root),
        LowCa = Authority().Sign(Low, Mid);

    public static Dictionary<string, Func<PathCase>> All { get; } = new()
    {
        // Chains
        ["direct"] = () => Direct(CertificateForge.Peer()).WithOpenSsl(true),
        ["one intermediate"] = () => Below(MidCa, Mid).WithOpenSsl(true),
        ["two intermediates in order"] = () => Case(CertificateForge.Peer().Sign(Peer, Low), [LowCa, MidCa]).WithOpenSsl(true),
        ["two intermediates out of order"] = () => Case(CertificateForge.Peer().Sign(Peer, Low), [MidCa, LowCa]).WithOpenSsl(true),
        ["intermediate sent twice, and the root too"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [MidCa, MidCa, RootCa])
            .WithOpenSsl(true),
        ["unrelated certificate sent along"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [Authority().Sign(Low, Low), MidCa])
            .WithOpenSsl(true),
        ["intermediate missing"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [], CertificateFault.UntrustedIssuer)
            .WithOpenSsl(false),
        ["intermediate among the trusted file"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [])
            .Trusting(RootCa, MidCa).WithOpenSsl(true),
        ["intermediate trusted alone is no root"] = () => Case(
            CertificateForge.Peer().Sign(Peer, Mid), [], CertificateFault.UntrustedIssuer)
            .Trusting(MidCa).WithOpenSsl(false),
        ["nothing is trusted"] = () => Direct(CertificateForge.Peer(), CertificateFault.UntrustedIssuer).Trusting(),
        ["foreign root, sent along"] = () => Foreign("CN=Foreign"),
        ["foreign root of the same name, sent along"] = () => Foreign("CN=Root"),
        ["self-signed peer"] = () => Case(CertificateForge.Peer().Sign(Peer, Peer), [], CertificateFault.UntrustedIssuer)
            .WithOpenSsl(false),
        ["self-signed peer that lacks more: who vouches is said first"] = () => Case(
            With(Usage(X509KeyUsageFlags.KeyAgreement)).Sign(Peer, Peer), [], CertificateFault.UntrustedIssuer)
            .WithOpenSsl(false),
        ["foreign root under legacy"] = () => Foreign("CN=Foreign").UnderLegacy(),
        ["peer used as a CA under legacy"] = () => Below(CertificateForge.Peer().Sign(Mid, Root), Mid, CertificateFault.InvalidChain)
            .UnderLegacy(),
        ["peer used as a CA"] = () => Below(CertificateForge.Peer().Sign(Mid, Root), Mid, CertificateFault.InvalidChain).WithOpenSsl(false),
        ["intermediate without basic constraints"] = () => Below(
            With(Usage(X509KeyUsageFlags.KeyCertSign)).Sign(Mid, Root), Mid, CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["intermediate of X.509 v1"] = () => Below(new CertificateForge { Version = 1 }.Sign(Mid, Root), Mid, CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["intermediate without keyCertSign"] = () => Below(
            With(new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.DigitalSignature)).Sign(Mid, Root),
            Mid, CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["path length kept"] = () => Below(Authority(pathLength: 0).Sign(Mid, Root), Mid).WithOpenSsl(true),
        ["path length exceeded"] = () => Case(
            CertificateForge.Peer().Sign(Peer, Low), [LowCa, Authority(pathLength: 0).Sign(Mid, Root)], CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["intermediate made for servers only"] = () => Below(
            Authority(null, Purposes(TestPki.ServerAuth)).Sign(Mid, Root), Mid, CertificateFault.WrongPurpose)
            .WithOpenSsl(false),
        ["intermediate made for servers only under legacy"] = () => Below(
            Authority(null, Purposes(TestPki.ServerAuth)).Sign(Mid, Root), Mid, CertificateFault.WrongPurpose)
            .UnderLegacy(),
        ["intermediate made for clients"] = () => Below(Authority(null, Purposes(TestPki.ClientAuth)).Sign(Mid, Root), Mid)
            .WithOpenSsl(true),
        ["six certificates"] = () => Long(6, CertificateFault.None).WithOpenSsl(true),
        ["seven certificates: openssl allows a hundred"] = () => Long(7, CertificateFault.ChainTooLong),
        ["seven certificates under legacy"] = () => Long(7, CertificateFault.ChainTooLong).UnderLegacy(),
        ["twenty certificates: openssl allows a hundred"] = () => Long(20, CertificateFault.ChainTooLong),
        ["signature damaged"] = () => Case(Damaged(), [], CertificateFault.BadSignature).WithOpenSsl(false),
        ["signature damaged under legacy"] = () => Case(Damaged(), [], CertificateFault.BadSignature).UnderLegacy(),
        ["signed by another key than the CA's"] = () => Case(
            CertificateForge.Peer().Sign(Peer, new Party("CN=Root")), [], CertificateFault.BadSignature)
            .WithOpenSsl(false),
        ["root renewed with its key, new one trusted"] = () => Direct(CertificateForge.Peer())
            .Trusting(Authority().Sign(Root, Root)).WithOpenSsl(true),
        ["two roots of one name, the right one second"] = () => Direct(CertificateForge.Peer())
            .Trusting(Authority().Sign(new Party("CN=Other"), new Party("CN=Other")), RootCa),

        ["two roots of one name and with key identifiers, the right one second"] = () => Twins(),

        // Dates
        ["expired"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }, CertificateFault.Expired)
            .WithOpenSsl(false),
        ["not yet valid"] = () => Direct(CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(1) }, CertificateFault.NotYetValid)
            .WithOpenSsl(false),
        ["not yet valid under legacy"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(1) }, CertificateFault.NotYetValid)
            .UnderLegacy(),
        ["expired under legacy"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }, CertificateFault.Expired)
            .UnderLegacy(),
        ["intermediate expired"] = () => Below(
            (Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }).Sign(Mid, Root),
            Mid, CertificateFault.Expired)
            .WithOpenSsl(false),
        ["root expired"] = () => Direct(CertificateForge.Peer(), CertificateFault.Expired) with
        {
            Roots = [(Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }).Sign(Root, Root)],
            OpenSsl = false,
        },

        // Purpose
        ["client for a client"] = () => Direct(With(Purposes(TestPki.ClientAuth))).WithOpenSsl(true),
        ["server for a client"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.WrongPurpose).WithOpenSsl(false),
        ["client for a server"] = () => Direct(With(Purposes(TestPki.ClientAuth)), CertificateFault.WrongPurpose)
            .OfServer().WithOpenSsl(false),
        ["server for a server"] = () => Direct(With(Purposes(TestPki.ServerAuth))).OfServer().WithOpenSsl(true),
        ["code signing"] = () => Direct(With(Purposes("1.3.6.1.5.5.7.3.3")), CertificateFault.WrongPurpose).WithOpenSsl(false),
        ["no purpose: openssl lets it pass"] = () => Direct(With(Names("localhost")), CertificateFault.WrongPurpose),
        ["any purpose: too much"] = () => Direct(With(Purposes("2.5.29.37.0")), CertificateFault.WrongPurpose),
        ["no purpose under legacy"] = () => Direct(With(Names("localhost"))).UnderLegacy(),
        ["any purpose under legacy"] = () => Direct(With(Purposes("2.5.29.37.0")), CertificateFault.WrongPurpose).UnderLegacy(),
        ["wrong purpose under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.WrongPurpose).UnderLegacy(),
        ["no digitalSignature: openssl lets it pass"] = () => Direct(
            With(Usage(X509KeyUsageFlags.KeyAgreement), Purposes(TestPki.ClientAuth)), CertificateFault.WrongKeyUsage),
        ["no digitalSignature under legacy"] = () => Direct(
            With(Usage(X509KeyUsageFlags.KeyAgreement), Purposes(TestPki.ClientAuth)), CertificateFault.WrongKeyUsage)
            .UnderLegacy(),
        ["no key usage at all"] = () => Direct(new CertificateForge { Extensions = [Purposes(TestPki.ClientAuth)] }).WithOpenSsl(true),
        ["CA as a peer: openssl lets it pass"] = () => Direct(AuthorityPeer, CertificateFault.AuthorityAsPeer),
        ["CA as a peer under legacy"] = () => Direct(AuthorityPeer).UnderLegacy(),
        ["its own root"] = () => OwnRoot(TlsPolicy.Strict, CertificateFault.OwnRoot),
        ["its own root under legacy"] = () => OwnRoot(TlsPolicy.Legacy, CertificateFault.None),
        ["X.509 v1"] = () => Direct(new CertificateForge { Version = 1 }, CertificateFault.OldVersion),
        ["X.509 v1 under legacy"] = () => Direct(new CertificateForge { Version = 1 }).UnderLegacy(),
        ["extension twice"] = () => Direct(CertificateForge.Peer(Names("other")), CertificateFault.Malformed),
        ["extension twice under legacy"] = () => Direct(CertificateForge.Peer(Names("other")), CertificateFault.Malformed).UnderLegacy(),
        ["unknown critical extension"] = () => Direct(
            CertificateForge.Peer(Raw("1.2.3.4.5", [5, 0], critical: true)), CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["unknown extension that is not critical"] = () => Direct(CertificateForge.Peer(Raw("1.2.3.4.5", [5, 0], critical: false)))
            .WithOpenSsl(true),

        // Keys and signatures
        ["RSA 2048"] = () => Keyed(RSA.Create(2048), CertificateFault.None).WithOpenSsl(true),
        ["RSA 2040"] = () => Keyed(RSA.Create(2040), CertificateFault.WeakKey),
        ["RSA 1024"] = () => Keyed(RSA.Create(1024), CertificateFault.WeakKey),
        ["RSA 1024 under legacy"] = () => Keyed(RSA.Create(1024), CertificateFault.WeakKey).UnderLegacy(),
        ["P-521"] = () => Keyed(ECDsa.Create(ECCurve.NamedCurves.nistP521), CertificateFault.None).WithOpenSsl(true),
        ["secp256k1: openssl lets it pass"] = () => Keyed(
            ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")), CertificateFault.WeakKey),
        ["P-256 by its parameters and not by its name: the platform throws"] = () => Keyed(ExplicitCurve(), CertificateFault.Malformed),
        ["RSA-PSS with SHA-256"] = () => OfRsa(CertificateForge.Peer() with { Pss = true }).WithOpenSsl(true),
        ["RSA-PSS with SHA-1"] = () => OfRsa(
            CertificateForge.Peer() with { Pss = true, Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["RSA-PSS with MD5"] = () => OfRsa(
            CertificateForge.Peer() with { Pss = true, Hash = HashAlgorithmName.MD5 }, CertificateFault.WeakSignature),
        ["RSA with SHA-384"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA384 }).WithOpenSsl(true),
        ["RSA with SHA-512"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA512 }).WithOpenSsl(true),
        ["RSA with SHA-1"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["RSA with SHA-1 by its other name"] = () => OfRsa(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1, SignatureOid = "1.3.14.3.2.29" }, CertificateFault.WeakSignature),
        ["RSA with MD5"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.MD5 }, CertificateFault.WeakSignature),
        ["ECDSA with SHA-384"] = () => Direct(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA384 }).WithOpenSsl(true),
        ["ECDSA with SHA-512"] = () => Direct(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA512 }).WithOpenSsl(true),
        ["SHA-1 in the peer's signature"] = () => Direct(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["SHA-1 under legacy"] = () => Direct(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature)
            .UnderLegacy(),
        ["SHA-1 in the intermediate's signature"] = () => Below(
            (Authority() with { Hash = HashAlgorithmName.SHA1 }).Sign(Mid, Root), Mid, CertificateFault.WeakSignature),
        ["SHA-1 in the root's own signature proves nothing anyway"] = () => Direct(CertificateForge.Peer())
            .Trusting((Authority() with { Hash = HashAlgorithmName.SHA1 }).Sign(Root, Root)),
        ["root with RSA 1024"] = () => WeakRoot(),
        ["intermediate with RSA 1024"] = () => WeakIntermediate(),

        // Names
        ["the name"] = () => Named("localhost", "localhost").WithOpenSsl(true),
        ["the name in capitals"] = () => Named("LocalHost", "localhost").WithOpenSsl(true),
        ["the name with a final dot"] = () => Named("localhost.", "localhost"),
        ["another name"] = () => Named("other.example", "localhost", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["the second of two"] = () => Named("b.example", "a.example,b.example").WithOpenSsl(true),
        ["a part of the name"] = () => Named("example.org", "www.example.org", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["the common name beside alternatives"] = () => Named("peer", "localhost", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["the common name beside an address"] = () => Named("peer", "@192.0.2.7", CertificateFault.NameMismatch),
        ["the common name alone"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.NameMismatch).OfServer("peer"),
        ["the common name alone under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth))).OfServer("peer").UnderLegacy(),
        ["the first of two common names under legacy"] = () => CommonNames("CN=peer, CN=other", "peer", CertificateFault.NameMismatch),
        ["the second of two common names under legacy"] = () => CommonNames("CN=peer, CN=other", "other", CertificateFault.NameMismatch),
        ["an address as the common name under legacy"] = () => CommonNames("CN=192.0.2.7", "192.0.2.7"),
        ["a wildcard as the common name under legacy"] = () => CommonNames(
            "CN=*.example.org", "a.example.org", CertificateFault.NameMismatch),
        ["another common name under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.NameMismatch)
            .OfServer("other").UnderLegacy(),
        ["the common name beside alternatives under legacy"] = () => Named("peer", "localhost", CertificateFault.NameMismatch)
            .UnderLegacy(),
        ["wildcard"] = () => Named("a.example.org", "*.example.org").WithOpenSsl(true),
        ["wildcard for two labels"] = () => Named("a.b.example.org", "*.example.org", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["wildcard for no label"] = () => Named("example.org", "*.example.org", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["wildcard inside a label: openssl takes it"] = () => Named("foo.example.org", "f*.example.org", CertificateFault.NameMismatch),
        ["wildcard in the second label"] = () => Named("a.b.example.org", "a.*.example.org", CertificateFault.NameMismatch)
            .WithOpenSsl(false),
        ["wildcard alone"] = () => Named("localhost", "*", CertificateFault.NameMismatch).WithOpenSsl(false),
        ["wildcard of a client"] = () => Named("a.example.org", "*.example.org", CertificateFault.NameMismatch) with
        {
            Role = PeerRole.Client,
        },
        ["IPv4 address"] = () => Named("192.0.2.7", "@192.0.2.7"),
        ["IPv6 address in another spelling"] = () => Named("2001:db8:0:0::7", "@2001:db8::7"),
        ["IPv6 address with a zone"] = () => Named("fe80::7%1", "@fe80::7"),
        ["another address"] = () => Named("192.0.2.8", "@192.0.2.7", CertificateFault.NameMismatch),
        ["an address as a DNS name"] = () => Named("192.0.2.7", "192.0.2.7", CertificateFault.NameMismatch),
        ["an international name as it is dialled"] = () => Named("bücher.example", "xn--bcher-kva.example"),
        ["an international name in ASCII"] = () => Named("xn--bcher-kva.example", "xn--bcher-kva.example").WithOpenSsl(true),
        ["an international name in capitals"] = () => Named("BÜCHER.example", "xn--bcher-kva.example"),
        ["a name that is none"] = () => Named("a b", "localhost", CertificateFault.NameMismatch),
        ["names that cannot be read"] = () => Direct(
            With(Purposes(TestPki.ServerAuth), Raw("2.5.29.17", [0x30, 0x05, 0x82, 0x09, 1, 2, 3], critical: false)),
            CertificateFault.Malformed)
            .OfServer("localhost").WithOpenSsl(false),

        // Name constraints
        ["name inside the permitted tree"] = () => Constrained("example.org", null, "a.example.org").WithOpenSsl(true),
        ["name outside the permitted tree"] = () => Constrained("example.org", null, "a.example.com", CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["name inside the excluded tree"] = () => Constrained(null, "example.org", "a.example.org", CertificateFault.InvalidChain)
            .WithOpenSsl(false),
        ["name outside the excluded tree"] = () => Constrained(null, "example.org", "a.example.com").WithOpenSsl(true),
    };

    private static CertificateForge AuthorityPeer => new()
    {
        Extensions =
        [
            new X509BasicConstraintsExtension(true, false, 0, true),
            Usage(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign),
            Purposes(TestPki.ServerAuth, TestPki.ClientAuth),
        ],
    };

    private static CertificateForge With(params X509Extension[] extensions) => new() { Extensions = extensions };

    private static PathCase Case(X509Certificate2 leaf, X509Certificate2[] sent, CertificateFault expected = CertificateFault.None) =>
        new(leaf, sent, [RootCa], expected);

    private static PathCase Direct(CertificateForge forge, CertificateFault expected = CertificateFault.None) =>
        Case(forge.Sign(Peer, Root), [], expected);

    private static PathCase Below(X509Certificate2 intermediate, Party by, CertificateFault expected = CertificateFault.None) =>
        Case(CertificateForge.Peer().Sign(Peer, by), [intermediate], expected);

    private static PathCase Keyed(AsymmetricAlgorithm key, CertificateFault expected) =>
        Case(CertificateForge.Peer().Sign(new Party("CN=peer", key), Root), [], expected);

    private static PathCase Named(string dialled, string names, CertificateFault expected = CertificateFault.None) =>
        Direct(With(Purposes(TestPki.ServerAuth, TestPki.ClientAuth), Names(names.Split(','))), expected)
            .OfServer(dialled);

    private static PathCase Constrained(
        string? permitted, string? excluded, string name, CertificateFault expected = CertificateFault.None)
    {
        X509Certificate2 leaf = With(Purposes(TestPki.ServerAuth), Names(name)).Sign(Peer, Mid);
        return Case(leaf, [Authority(null, Constraints(permitted, excluded)).Sign(Mid, Root)], expected).OfServer(name);
    }

    private static PathCase OwnRoot(TlsPolicy policy, CertificateFault expected)
    {
        X509Certificate2 own = CertificateForge.Peer().Sign(Peer, Peer);
        return new PathCase(own, [], [own], expected) { Policy = policy };
    }

    private static PathCase Foreign(string name)
    {
        var foreign = new Party(name);
        CertificateFault expected = name == "CN=Root" ? CertificateFault.BadSignature : CertificateFault.UntrustedIssuer;
        return Case(CertificateForge.Peer().Sign(Peer, foreign), [Authority().Sign(foreign, foreign)], expected).WithOpenSsl(false);
    }

    // Without key identifiers X509Chain takes the first of the name, and there it ends.
    private static PathCase Twins()
    {
        using var twin = new Party("CN=Root");
        X509Certificate2 first = Authority(null, KeyIdentifier(twin)).Sign(twin, twin),
            second = Authority(null, KeyIdentifier(Root)).Sign(Root, Root);
        return Case(CertificateForge.Peer(IssuerIdentifier(Root)).Sign(Peer, Root), []).Trusting(first, second).WithOpenSsl(true);
    }

    private static PathCase OfRsa(CertificateForge forge, CertificateFault expected = CertificateFault.None) =>
        Case(forge.Sign(Peer, RsaRoot), [], expected).Trusting(Authority().Sign(RsaRoot, RsaRoot));

    // The very curve that is accepted by name: whoever may choose the parameters may choose bad ones.
    private static ECDsa ExplicitCurve()
    {
        using ECDsa named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return ECDsa.Create(named.ExportExplicitParameters(includePrivateParameters: true));
    }

    private static PathCase CommonNames(string subject, string dialled, CertificateFault expected = CertificateFault.None)
    {
        using var server = new Party(subject);
        return Case(With(Purposes(TestPki.ServerAuth)).Sign(server, Root), [], expected)
            .OfServer(dialled).UnderLegacy();
    }

    private static PathCase WeakRoot()
    {
        using var weak = new Party("CN=Weak", RSA.Create(1024));
        return Case(CertificateForge.Peer().Sign(Peer, weak), [], CertificateFault.WeakKey).Trusting(Authority().Sign(weak, weak));
    }

    private static PathCase WeakIntermediate()
    {
        var weak = new Party("CN=Weak", RSA.Create(1024));
        return Case(CertificateForge.Peer().Sign(Peer, weak), [Authority().Sign(weak, Root)], CertificateFault.WeakKey);
    }

    private static PathCase Long(int certificates, CertificateFault expected)
    {
        Party issuer = Root;
        var sent = new List<X509Certificate2>();
        for (int i = 0; i < certificates - 2; i++)
        {
            var next = new Party($"CN=Level {i}");
            sent.Add(Authority().Sign(next, issuer));
            issuer = next;
        }

        return Case(CertificateForge.Peer().Sign(Peer, issuer), [.. sent], expected);
    }

    private static X509Certificate2 Damaged()
    {
        byte[] der = CertificateForge.Peer().Encode(Peer, Root);
        der[^1] ^= 1;
        return X509CertificateLoader.LoadCertificate(der);
    }
}
