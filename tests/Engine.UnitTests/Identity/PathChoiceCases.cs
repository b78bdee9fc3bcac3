using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Peers from whom more than one path leads up (RFC 4158): one that is good is enough, in whatever order they come.</summary>
internal static class PathChoiceCases
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(-400), Over = TimeSpan.FromDays(-9);
    private static readonly Party Old = new("CN=Old"), New = new("CN=New"), Renamed = new("CN=Old"), Mid = new("CN=Mid"),
        Low = new("CN=Low"), Decoy = new("CN=Mid"), Unrelated = new("CN=Unrelated"), Someone = new("CN=peer");
    private static readonly X509Certificate2 OldCa = Ca(Old, Old), OldExpired = Ca(Old, Old, expired: true), NewCa = Ca(New, New),
        OldByNew = Ca(Old, New), NewExpired = Ca(New, New, expired: true), OldByNewExpired = Ca(Old, New, expired: true),
        UnrelatedCa = Ca(Unrelated, Unrelated), MidByOld = Ca(Mid, Old), MidByNew = Ca(Mid, New),
        MidByOldExpired = Ca(Mid, Old, expired: true), LowByMid = Ca(Low, Mid);
    private static readonly X509Certificate2 BelowOld = Peer().Sign(Someone, Old), BelowMid = Peer().Sign(Someone, Mid),
        BelowLow = Peer().Sign(Someone, Low);

    public static Dictionary<string, Func<PathCase>> All { get; } = new()
    {
        // Expired twins
        ["expired twin of a root before it"] = () => Good(BelowMid, MidByOld).Trusting(OldExpired, OldCa).WithOpenSsl(true),
        ["expired twin of a root behind it"] = () => Good(BelowMid, MidByOld).Trusting(OldCa, OldExpired).WithOpenSsl(true),
        ["expired root, and the same CA below a new one: all trusted"] = () => Good(BelowMid, MidByOld)
            .Trusting(OldExpired, NewCa, OldByNew),
        ["the same in another order"] = () => Good(BelowMid, MidByOld).Trusting(OldByNew, NewCa, OldExpired),
        ["expired root, and the cross-signed one sent"] = () => Good(BelowMid, MidByOld, OldByNew).Trusting(OldExpired, NewCa),
        ["the same, directly below it"] = () => Good(BelowOld, OldByNew).Trusting(OldExpired, NewCa),
        ["without the expired one"] = () => Good(BelowMid, MidByOld, OldByNew).Trusting(NewCa).WithOpenSsl(true),
        ["cross-signed by an expired root, itself trusted"] = () => Good(BelowMid, MidByOld, OldByNew).Trusting(NewExpired, OldCa)
            .WithOpenSsl(true),
        ["a cross-signed copy that has expired, itself trusted"] = () => Good(BelowMid, MidByOld, OldByNewExpired).Trusting(NewCa, OldCa)
            .WithOpenSsl(true),
        ["expired intermediate sent, a valid one in the trusted file"] = () => Good(BelowMid, MidByOldExpired).Trusting(OldCa, MidByOld),
        ["expired intermediate in the trusted file, a valid one sent"] = () => Good(BelowMid, MidByOld).Trusting(OldCa, MidByOldExpired),
        ["expired intermediate sent before a valid one"] = () => Good(BelowMid, MidByOldExpired, MidByOld).WithOpenSsl(true),
        ["expired intermediate sent behind a valid one"] = () => Good(BelowMid, MidByOld, MidByOldExpired).WithOpenSsl(true),
        ["both roots expired"] = () => Bad(CertificateFault.Expired, BelowMid, MidByOld, OldByNew).Trusting(OldExpired, NewExpired)
            .WithOpenSsl(false).Saying("(the root) expired on"),

        // Cross-signed CAs and wrong copies
        ["two paths, the first to a root that nobody trusts"] = () => Good(BelowMid, MidByNew, MidByOld),
        ["two paths, both to a root that nobody trusts"] = () => Bad(CertificateFault.UntrustedIssuer, BelowMid, MidByNew, OldByNew),
        ["wrong copy of an intermediate first"] = () => Good(BelowMid, Ca(Decoy, Old), MidByOld),
        ["wrong copy of an intermediate last"] = () => Good(BelowMid, MidByOld, Ca(Decoy, Old)),
        ["five wrong copies first"] = () => Good(BelowMid, [.. Enumerable.Range(0, 5).Select(_ => Ca(new("CN=Mid"), Old)), MidByOld]),
        ["wrong copies on two levels"] = () => Good(BelowLow, Ca(new("CN=Low"), Mid), Ca(Decoy, Old), LowByMid, MidByOld),
        ["only a wrong copy"] = () => Bad(CertificateFault.BadSignature, BelowMid, Ca(Decoy, Old)).WithOpenSsl(false)
            .Saying("A signature in its chain does not verify: that of the certificate \"CN=peer\" (the peer's own)."),
        ["an intermediate of the right name and key, not signed by its issuer"] = () => Bad(
            CertificateFault.BadSignature, BelowMid, Ca(Mid, Renamed)).WithOpenSsl(false)
            .Saying("does not verify: that of the certificate \"CN=Mid\" (intermediate 1)."),
        ["two roots of one name without key identifiers, the right one second"] = () => Good(BelowOld)
            .Trusting(Ca(Renamed, Renamed), OldCa),
        ["two roots of one name without key identifiers, the right one first"] = () => Good(BelowOld)
            .Trusting(OldCa, Ca(Renamed, Renamed)),
        ["two CAs that certify each other, and a root"] = () => Good(BelowMid, Ca(Mid, Low), LowByMid, MidByOld),
        ["two CAs that certify each other, and no root"] = () => Bad(CertificateFault.UntrustedIssuer, BelowMid, Ca(Mid, Low), LowByMid),

        // A constraint or a defect on one of two paths
        ["names that one of two paths excludes"] = () => Good(BelowMid, Ca(Mid, New, Constraints(null, "localhost")), MidByOld)
            .Trusting(NewCa, OldCa),
        ["names that both paths exclude"] = () => Bad(
            CertificateFault.InvalidChain, BelowMid, Ca(Mid, New, Constraints(null, "localhost")),
            Ca(Mid, Old, Constraints(null, "localhost"))).Trusting(NewCa, OldCa).WithOpenSsl(false),
        ["a purpose that one of two paths lacks"] = () => Good(BelowMid, Ca(Mid, New, Purposes(TestPki.ServerAuth)), MidByOld)
            .Trusting(NewCa, OldCa),
        ["a path length that one of two paths exceeds"] = () => Good(
            BelowLow, LowByMid, Authority(pathLength: 0).Sign(Mid, New), MidByOld).Trusting(NewCa, OldCa),
        ["an extension twice on one of two paths"] = () => Good(
            BelowMid, Ca(Mid, New, Constraints("localhost", null), Constraints("localhost", null)), MidByOld).Trusting(NewCa, OldCa),
        ["a critical extension that nobody knows on one of two paths"] = () => Good(
            BelowMid, Ca(Mid, New, Raw("1.2.3.4.5", [5, 0], critical: true)), MidByOld).Trusting(NewCa, OldCa),
        ["no CA on one of two paths"] = () => Good(BelowMid, Peer().Sign(Mid, New), MidByOld).Trusting(NewCa, OldCa),
        ["SHA-1 on one of two paths"] = () => Good(
            BelowMid, (Authority() with { Hash = System.Security.Cryptography.HashAlgorithmName.SHA1 }).Sign(Mid, New), MidByOld)
            .Trusting(NewCa, OldCa),
    };

    private static PathCase Good(X509Certificate2 leaf, params X509Certificate2[] sent) => new(leaf, sent, [OldCa], CertificateFault.None);

    private static PathCase Bad(CertificateFault expected, X509Certificate2 leaf, params X509Certificate2[] sent) =>
        new(leaf, sent, expected == CertificateFault.UntrustedIssuer ? [UnrelatedCa] : [OldCa], expected);

    private static X509Certificate2 Ca(Party subject, Party issuer, params X509Extension[] more) =>
        Authority(null, more).Sign(subject, issuer);

    private static X509Certificate2 Ca(Party subject, Party issuer, bool expired) =>
        (Authority() with { NotBefore = Long, NotAfter = expired ? Over : TimeSpan.FromDays(30) }).Sign(subject, issuer);
}
