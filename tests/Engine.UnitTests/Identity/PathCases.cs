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
        ["direct"] = () => Direct(CertificateForge.Peer()) with { OpenSsl = true },
        ["one intermediate"] = () => Below(MidCa, Mid) with { OpenSsl = true },
        ["two intermediates in order"] = () => Case(CertificateForge.Peer().Sign(Peer, Low), [LowCa, MidCa]) with { OpenSsl = true },
        ["two intermediates out of order"] = () => Case(CertificateForge.Peer().Sign(Peer, Low), [MidCa, LowCa]) with { OpenSsl = true },
        ["intermediate sent twice, and the root too"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [MidCa, MidCa, RootCa]) with
        {
            OpenSsl = true,
        },
        ["unrelated certificate sent along"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [Authority().Sign(Low, Low), MidCa]) with
        {
            OpenSsl = true,
        },
        ["intermediate missing"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), [], CertificateFault.UntrustedIssuer) with
        {
            OpenSsl = false,
        },
        ["intermediate among the trusted file"] = () => Case(CertificateForge.Peer().Sign(Peer, Mid), []) with
        {
            Roots = [RootCa, MidCa],
            OpenSsl = true,
        },
        ["intermediate trusted alone is no root"] = () => Case(
            CertificateForge.Peer().Sign(Peer, Mid), [], CertificateFault.UntrustedIssuer) with
        {
            Roots = [MidCa],
            OpenSsl = false,
        },
        ["nothing is trusted"] = () => Direct(CertificateForge.Peer(), CertificateFault.UntrustedIssuer) with { Roots = [] },
        ["foreign root, sent along"] = () => Foreign("CN=Foreign"),
        ["foreign root of the same name, sent along"] = () => Foreign("CN=Root"),
        ["self-signed peer"] = () => Case(CertificateForge.Peer().Sign(Peer, Peer), [], CertificateFault.UntrustedIssuer) with
        {
            OpenSsl = false,
        },
        ["self-signed peer that lacks more: who vouches is said first"] = () => Case(
            With(Usage(X509KeyUsageFlags.KeyAgreement)).Sign(Peer, Peer), [], CertificateFault.UntrustedIssuer) with
        {
            OpenSsl = false,
        },
        ["foreign root under legacy"] = () => Foreign("CN=Foreign") with { Policy = TlsPolicy.Legacy },
        ["peer used as a CA under legacy"] = () => Below(CertificateForge.Peer().Sign(Mid, Root), Mid, CertificateFault.InvalidChain) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["peer used as a CA"] = () => Below(CertificateForge.Peer().Sign(Mid, Root), Mid, CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["intermediate without basic constraints"] = () => Below(
            With(Usage(X509KeyUsageFlags.KeyCertSign)).Sign(Mid, Root), Mid, CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["intermediate of X.509 v1"] = () => Below(
            new CertificateForge { Version = 1 }.Sign(Mid, Root), Mid, CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["intermediate without keyCertSign"] = () => Below(
            With(new X509BasicConstraintsExtension(true, false, 0, true), Usage(X509KeyUsageFlags.DigitalSignature)).Sign(Mid, Root),
            Mid, CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["path length kept"] = () => Below(Authority(pathLength: 0).Sign(Mid, Root), Mid) with { OpenSsl = true },
        ["path length exceeded"] = () => Case(
            CertificateForge.Peer().Sign(Peer, Low), [LowCa, Authority(pathLength: 0).Sign(Mid, Root)], CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["intermediate made for servers only"] = () => Below(
            Authority(null, Purposes(TestPki.ServerAuth)).Sign(Mid, Root), Mid, CertificateFault.WrongPurpose) with
        {
            OpenSsl = false,
        },
        ["intermediate made for servers only under legacy"] = () => Below(
            Authority(null, Purposes(TestPki.ServerAuth)).Sign(Mid, Root), Mid, CertificateFault.WrongPurpose) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["intermediate made for clients"] = () => Below(Authority(null, Purposes(TestPki.ClientAuth)).Sign(Mid, Root), Mid) with
        {
            OpenSsl = true,
        },
        ["six certificates"] = () => Long(6, CertificateFault.None) with { OpenSsl = true },
        ["seven certificates: openssl allows a hundred"] = () => Long(7, CertificateFault.ChainTooLong),
        ["seven certificates under legacy"] = () => Long(7, CertificateFault.ChainTooLong) with { Policy = TlsPolicy.Legacy },
        ["twenty certificates: openssl allows a hundred"] = () => Long(20, CertificateFault.ChainTooLong),
        ["signature damaged"] = () => Case(Damaged(), [], CertificateFault.BadSignature) with { OpenSsl = false },
        ["signature damaged under legacy"] = () => Case(Damaged(), [], CertificateFault.BadSignature) with { Policy = TlsPolicy.Legacy },
        ["signed by another key than the CA's"] = () => Case(
            CertificateForge.Peer().Sign(Peer, new Party("CN=Root")), [], CertificateFault.BadSignature) with
        {
            OpenSsl = false,
        },
        ["root renewed with its key, new one trusted"] = () => Direct(CertificateForge.Peer()) with
        {
            Roots = [Authority().Sign(Root, Root)],
            OpenSsl = true,
        },
        ["two roots of one name, the right one second"] = () => Direct(CertificateForge.Peer()) with
        {
            Roots = [Authority().Sign(new Party("CN=Other"), new Party("CN=Other")), RootCa],
        },

        ["two roots of one name and with key identifiers, the right one second"] = () => Twins(),

        // Dates
        ["expired"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) },
            CertificateFault.Expired) with
        {
            OpenSsl = false,
        },
        ["not yet valid"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(1) }, CertificateFault.NotYetValid) with
        {
            OpenSsl = false,
        },
        ["not yet valid under legacy"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(1) }, CertificateFault.NotYetValid) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["expired under legacy"] = () => Direct(
            CertificateForge.Peer() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) },
            CertificateFault.Expired) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["intermediate expired"] = () => Below(
            (Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }).Sign(Mid, Root),
            Mid, CertificateFault.Expired) with
        {
            OpenSsl = false,
        },
        ["root expired"] = () => Direct(CertificateForge.Peer(), CertificateFault.Expired) with
        {
            Roots = [(Authority() with { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }).Sign(Root, Root)],
            OpenSsl = false,
        },

        // Purpose
        ["client for a client"] = () => Direct(With(Purposes(TestPki.ClientAuth))) with { OpenSsl = true },
        ["server for a client"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.WrongPurpose) with { OpenSsl = false },
        ["client for a server"] = () => Direct(With(Purposes(TestPki.ClientAuth)), CertificateFault.WrongPurpose) with
        {
            Role = PeerRole.Server,
            OpenSsl = false,
        },
        ["server for a server"] = () => Direct(With(Purposes(TestPki.ServerAuth))) with { Role = PeerRole.Server, OpenSsl = true },
        ["code signing"] = () => Direct(With(Purposes("1.3.6.1.5.5.7.3.3")), CertificateFault.WrongPurpose) with { OpenSsl = false },
        ["no purpose: openssl lets it pass"] = () => Direct(With(Names("localhost")), CertificateFault.WrongPurpose),
        ["any purpose: too much"] = () => Direct(With(Purposes("2.5.29.37.0")), CertificateFault.WrongPurpose),
        ["no purpose under legacy"] = () => Direct(With(Names("localhost"))) with { Policy = TlsPolicy.Legacy },
        ["any purpose under legacy"] = () => Direct(With(Purposes("2.5.29.37.0")), CertificateFault.WrongPurpose) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["wrong purpose under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.WrongPurpose) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["no digitalSignature: openssl lets it pass"] = () => Direct(
            With(Usage(X509KeyUsageFlags.KeyAgreement), Purposes(TestPki.ClientAuth)), CertificateFault.WrongKeyUsage),
        ["no digitalSignature under legacy"] = () => Direct(
            With(Usage(X509KeyUsageFlags.KeyAgreement), Purposes(TestPki.ClientAuth)), CertificateFault.WrongKeyUsage) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["no key usage at all"] = () => Direct(new CertificateForge { Extensions = [Purposes(TestPki.ClientAuth)] }) with
        {
            OpenSsl = true,
        },
        ["CA as a peer: openssl lets it pass"] = () => Direct(AuthorityPeer, CertificateFault.AuthorityAsPeer),
        ["CA as a peer under legacy"] = () => Direct(AuthorityPeer) with { Policy = TlsPolicy.Legacy },
        ["its own root"] = () => OwnRoot(TlsPolicy.Strict, CertificateFault.OwnRoot),
        ["its own root under legacy"] = () => OwnRoot(TlsPolicy.Legacy, CertificateFault.None),
        ["X.509 v1"] = () => Direct(new CertificateForge { Version = 1 }, CertificateFault.OldVersion),
        ["X.509 v1 under legacy"] = () => Direct(new CertificateForge { Version = 1 }) with { Policy = TlsPolicy.Legacy },
        ["extension twice"] = () => Direct(CertificateForge.Peer(Names("other")), CertificateFault.Malformed),
        ["extension twice under legacy"] = () => Direct(CertificateForge.Peer(Names("other")), CertificateFault.Malformed) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["unknown critical extension"] = () => Direct(
            CertificateForge.Peer(Raw("1.2.3.4.5", [5, 0], critical: true)), CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["unknown extension that is not critical"] = () => Direct(CertificateForge.Peer(Raw("1.2.3.4.5", [5, 0], critical: false))) with
        {
            OpenSsl = true,
        },

        // Keys and signatures
        ["RSA 2048"] = () => Keyed(RSA.Create(2048), CertificateFault.None) with { OpenSsl = true },
        ["RSA 2040"] = () => Keyed(RSA.Create(2040), CertificateFault.WeakKey),
        ["RSA 1024"] = () => Keyed(RSA.Create(1024), CertificateFault.WeakKey),
        ["RSA 1024 under legacy"] = () => Keyed(RSA.Create(1024), CertificateFault.WeakKey) with { Policy = TlsPolicy.Legacy },
        ["P-521"] = () => Keyed(ECDsa.Create(ECCurve.NamedCurves.nistP521), CertificateFault.None) with { OpenSsl = true },
        ["secp256k1: openssl lets it pass"] = () => Keyed(
            ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")), CertificateFault.WeakKey),
        ["P-256 by its parameters and not by its name: the platform throws"] = () => Keyed(ExplicitCurve(), CertificateFault.Malformed),
        ["RSA-PSS with SHA-256"] = () => OfRsa(CertificateForge.Peer() with { Pss = true }) with { OpenSsl = true },
        ["RSA-PSS with SHA-1"] = () => OfRsa(
            CertificateForge.Peer() with { Pss = true, Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["RSA-PSS with MD5"] = () => OfRsa(
            CertificateForge.Peer() with { Pss = true, Hash = HashAlgorithmName.MD5 }, CertificateFault.WeakSignature),
        ["RSA with SHA-384"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA384 }) with { OpenSsl = true },
        ["RSA with SHA-512"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA512 }) with { OpenSsl = true },
        ["RSA with SHA-1"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["RSA with SHA-1 by its other name"] = () => OfRsa(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1, SignatureOid = "1.3.14.3.2.29" }, CertificateFault.WeakSignature),
        ["RSA with MD5"] = () => OfRsa(CertificateForge.Peer() with { Hash = HashAlgorithmName.MD5 }, CertificateFault.WeakSignature),
        ["ECDSA with SHA-384"] = () => Direct(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA384 }) with { OpenSsl = true },
        ["ECDSA with SHA-512"] = () => Direct(CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA512 }) with { OpenSsl = true },
        ["SHA-1 in the peer's signature"] = () => Direct(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature),
        ["SHA-1 under legacy"] = () => Direct(
            CertificateForge.Peer() with { Hash = HashAlgorithmName.SHA1 }, CertificateFault.WeakSignature) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["SHA-1 in the intermediate's signature"] = () => Below(
            (Authority() with { Hash = HashAlgorithmName.SHA1 }).Sign(Mid, Root), Mid, CertificateFault.WeakSignature),
        ["SHA-1 in the root's own signature proves nothing anyway"] = () => Direct(CertificateForge.Peer()) with
        {
            Roots = [(Authority() with { Hash = HashAlgorithmName.SHA1 }).Sign(Root, Root)],
        },
        ["root with RSA 1024"] = () => WeakRoot(),
        ["intermediate with RSA 1024"] = () => WeakIntermediate(),

        // Names
        ["the name"] = () => Named("localhost", "localhost") with { OpenSsl = true },
        ["the name in capitals"] = () => Named("LocalHost", "localhost") with { OpenSsl = true },
        ["the name with a final dot"] = () => Named("localhost.", "localhost"),
        ["another name"] = () => Named("other.example", "localhost", CertificateFault.NameMismatch) with { OpenSsl = false },
        ["the second of two"] = () => Named("b.example", "a.example,b.example") with { OpenSsl = true },
        ["a part of the name"] = () => Named("example.org", "www.example.org", CertificateFault.NameMismatch) with { OpenSsl = false },
        ["the common name beside alternatives"] = () => Named("peer", "localhost", CertificateFault.NameMismatch) with { OpenSsl = false },
        ["the common name beside an address"] = () => Named("peer", "@192.0.2.7", CertificateFault.NameMismatch),
        ["the common name alone"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.NameMismatch) with
        {
            Role = PeerRole.Server,
            Name = "peer",
        },
        ["the common name alone under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth))) with
        {
            Role = PeerRole.Server,
            Name = "peer",
            Policy = TlsPolicy.Legacy,
        },
        ["the first of two common names under legacy"] = () => CommonNames("CN=peer, CN=other", "peer", CertificateFault.NameMismatch),
        ["the second of two common names under legacy"] = () => CommonNames("CN=peer, CN=other", "other", CertificateFault.NameMismatch),
        ["an address as the common name under legacy"] = () => CommonNames("CN=192.0.2.7", "192.0.2.7"),
        ["a wildcard as the common name under legacy"] = () => CommonNames(
            "CN=*.example.org", "a.example.org", CertificateFault.NameMismatch),
        ["another common name under legacy"] = () => Direct(With(Purposes(TestPki.ServerAuth)), CertificateFault.NameMismatch) with
        {
            Role = PeerRole.Server,
            Name = "other",
            Policy = TlsPolicy.Legacy,
        },
        ["the common name beside alternatives under legacy"] = () => Named("peer", "localhost", CertificateFault.NameMismatch) with
        {
            Policy = TlsPolicy.Legacy,
        },
        ["wildcard"] = () => Named("a.example.org", "*.example.org") with { OpenSsl = true },
        ["wildcard for two labels"] = () => Named("a.b.example.org", "*.example.org", CertificateFault.NameMismatch) with
        {
            OpenSsl = false,
        },
        ["wildcard for no label"] = () => Named("example.org", "*.example.org", CertificateFault.NameMismatch) with { OpenSsl = false },
        ["wildcard inside a label: openssl takes it"] = () => Named("foo.example.org", "f*.example.org", CertificateFault.NameMismatch),
        ["wildcard in the second label"] = () => Named("a.b.example.org", "a.*.example.org", CertificateFault.NameMismatch) with
        {
            OpenSsl = false,
        },
        ["wildcard alone"] = () => Named("localhost", "*", CertificateFault.NameMismatch) with { OpenSsl = false },
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
        ["an international name in ASCII"] = () => Named("xn--bcher-kva.example", "xn--bcher-kva.example") with { OpenSsl = true },
        ["an international name in capitals"] = () => Named("BÜCHER.example", "xn--bcher-kva.example"),
        ["a name that is none"] = () => Named("a b", "localhost", CertificateFault.NameMismatch),
        ["names that cannot be read: openssl takes no such certificate for issued"] = () => Direct(
            With(Purposes(TestPki.ServerAuth), Raw("2.5.29.17", [0x30, 0x05, 0x82, 0x09, 1, 2, 3], critical: false)),
            CertificateFault.UntrustedIssuer) with
        {
            Role = PeerRole.Server,
            Name = "localhost",
            OpenSsl = false,
        },

        // Name constraints
        ["name inside the permitted tree"] = () => Constrained("example.org", null, "a.example.org") with { OpenSsl = true },
        ["name outside the permitted tree"] = () => Constrained("example.org", null, "a.example.com", CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["name inside the excluded tree"] = () => Constrained(null, "example.org", "a.example.org", CertificateFault.InvalidChain) with
        {
            OpenSsl = false,
        },
        ["name outside the excluded tree"] = () => Constrained(null, "example.org", "a.example.com") with { OpenSsl = true },
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
        Direct(With(Purposes(TestPki.ServerAuth, TestPki.ClientAuth), Names(names.Split(','))), expected) with
        {
            Role = PeerRole.Server,
            Name = dialled,
        };

    private static PathCase Constrained(
        string? permitted, string? excluded, string name, CertificateFault expected = CertificateFault.None) => Case(
        With(Purposes(TestPki.ServerAuth), Names(name)).Sign(Peer, Mid),
        [Authority(null, Constraints(permitted, excluded)).Sign(Mid, Root)],
        expected) with
        {
            Role = PeerRole.Server,
            Name = name,
        };

    private static PathCase OwnRoot(TlsPolicy policy, CertificateFault expected)
    {
        X509Certificate2 own = CertificateForge.Peer().Sign(Peer, Peer);
        return new PathCase(own, [], [own], expected) { Policy = policy };
    }

    private static PathCase Foreign(string name)
    {
        var foreign = new Party(name);
        CertificateFault expected = name == "CN=Root" ? CertificateFault.BadSignature : CertificateFault.UntrustedIssuer;
        return Case(CertificateForge.Peer().Sign(Peer, foreign), [Authority().Sign(foreign, foreign)], expected) with { OpenSsl = false };
    }

    // Without key identifiers X509Chain takes the first of the name, and there it ends.
    private static PathCase Twins()
    {
        using var twin = new Party("CN=Root");
        X509Certificate2 first = Authority(null, KeyIdentifier(twin)).Sign(twin, twin),
            second = Authority(null, KeyIdentifier(Root)).Sign(Root, Root);
        return Case(CertificateForge.Peer(IssuerIdentifier(Root)).Sign(Peer, Root), []) with { Roots = [first, second], OpenSsl = true };
    }

    private static PathCase OfRsa(CertificateForge forge, CertificateFault expected = CertificateFault.None) =>
        Case(forge.Sign(Peer, RsaRoot), [], expected) with { Roots = [Authority().Sign(RsaRoot, RsaRoot)] };

    // The very curve that is accepted by name: whoever may choose the parameters may choose bad ones.
    private static ECDsa ExplicitCurve()
    {
        using ECDsa named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return ECDsa.Create(named.ExportExplicitParameters(includePrivateParameters: true));
    }

    private static PathCase CommonNames(string subject, string dialled, CertificateFault expected = CertificateFault.None)
    {
        using var server = new Party(subject);
        return Case(With(Purposes(TestPki.ServerAuth)).Sign(server, Root), [], expected) with
        {
            Role = PeerRole.Server,
            Name = dialled,
            Policy = TlsPolicy.Legacy,
        };
    }

    private static PathCase WeakRoot()
    {
        using var weak = new Party("CN=Weak", RSA.Create(1024));
        return Case(CertificateForge.Peer().Sign(Peer, weak), [], CertificateFault.WeakKey) with { Roots = [Authority().Sign(weak, weak)] };
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
