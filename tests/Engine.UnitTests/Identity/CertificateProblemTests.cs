using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>What is wrong with a peer's certificate: the facts, the library's sentence and that of a program.</summary>
public sealed class CertificateProblemTests : IDisposable
{
    private readonly TestPki _pki = new();

    [Fact]
    public void A_name_that_is_missing_is_told_with_those_that_are_there()
    {
        CertificateProblem problem = Verify(new Leaf { DnsNames = ["one.example"], IpAddresses = [] }, PeerRole.Server, "two.example");
        Assert.Equal((CertificateFault.NameMismatch, "two.example"), (problem.Fault, problem.ExpectedName));
        Assert.Equal(["one.example"], problem.Names);
        Assert.Equal("Its certificate is not for 'two.example' but for one.example.", problem.ToString());
        Assert.Equal("The server's certificate is not for 'two.example' but for one.example.", problem.Describe("The server's"));
    }

    [Fact]
    public void Of_thousands_of_names_the_first_are_told_and_how_many_more_there_are()
    {
        string[] names = [.. Enumerable.Range(0, 3000).Select(i => $"host-{i}.example")];
        CertificateProblem problem = Verify(new Leaf { DnsNames = names, IpAddresses = [] }, PeerRole.Server, "two.example");
        Assert.Equal(names, problem.Names);
        string sentence = problem.ToString();
        const string start = "Its certificate is not for 'two.example' but for host-0.example, host-1.example, ";
        Assert.StartsWith(start, sentence, StringComparison.Ordinal);
        Assert.EndsWith(" more.", sentence, StringComparison.Ordinal);
        Assert.InRange(sentence.Length, 100, 600);
        int shown = sentence.Split("host-").Length - 1;
        Assert.Contains($" and {3000 - shown} more.", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_texts_is_one_line_whatever_they_are()
    {
        Assert.Equal("", PeerText.List([]));
        Assert.Equal("one", PeerText.List(["one"]));
        Assert.Equal("one; two", PeerText.List(["one", "two"], "; "));
        Assert.Equal("o?ne, \"two\"", PeerText.List(["o\nne", "\"two\""]));
        string giant = PeerText.List([new string('x', 60_000), "two", new string('y', 60_000)]);
        Assert.EndsWith("..., two and 1 more", giant, StringComparison.Ordinal);
        Assert.InRange(giant.Length, 100, 300);
    }

    [Fact]
    public void Dates_are_facts()
    {
        CertificateProblem expired = Verify(new Leaf { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-2) });
        Assert.Equal((CertificateFault.Expired, "CN=test"), (expired.Fault, expired.Subject));
        Assert.InRange(expired.Date!.Value, DateTimeOffset.UtcNow.AddDays(-2.1), DateTimeOffset.UtcNow.AddDays(-1.9));
        CertificateProblem early = Verify(new Leaf { NotBefore = TimeSpan.FromDays(2) });
        Assert.Equal(CertificateFault.NotYetValid, early.Fault);
        Assert.InRange(early.Date!.Value, DateTimeOffset.UtcNow.AddDays(1.9), DateTimeOffset.UtcNow.AddDays(2.1));
    }

    [Fact]
    public void A_weak_key_is_told_by_its_algorithm_and_size()
    {
        CertificateProblem rsa = Verify(new Leaf { RsaBits = 1024 });
        Assert.Equal((CertificateFault.WeakKey, "RSA", 1024), (rsa.Fault, rsa.Algorithm, rsa.KeyBits));
        Assert.Equal("The key of \"CN=test\" (the peer's own) is too weak: RSA with 1024 bits.", rsa.ToString());
        CertificateProblem curve = Verify(new Leaf { Curve = ECCurve.NamedCurves.brainpoolP256r1 });
        Assert.Equal(("ECDSA", "1.3.36.3.3.2.8.1.1.7"), (curve.Algorithm, curve.Curve));
        Assert.Equal(
            "The key of \"CN=test\" (the server's own) is of a kind that is not accepted: the curve 1.3.36.3.3.2.8.1.1.7.",
            curve.Describe("The server's"));
    }

    [Fact]
    public void A_kind_of_key_that_is_not_accepted_is_not_called_weak()
    {
        var problem = new CertificateProblem(CertificateFault.WeakKey) { Subject = "CN=test", Algorithm = "Ed25519", Position = 0 };
        Assert.Equal(
            "The key of \"CN=test\" (the peer's own) is of a kind that is not accepted: Ed25519 is not RSA or ECDSA.", problem.ToString());
    }

    [Fact]
    public void A_root_that_is_at_fault_is_this_sides_own_to_mend()
    {
        using var root = new Party("CN=Root");
        using X509Certificate2 ca = (CertificateForge.Authority() with { NotAfter = TimeSpan.FromHours(-1) }).Sign(root, root);
        using X509Certificate2 certificate = CertificateForge.Peer().Sign(new Party("CN=test"), root);
        CertificateProblem problem = PeerVerifier.Verify(certificate, [], [ca], PeerRole.Client).Problem!;
        Assert.Equal((CertificateFault.Expired, "CN=Root", 1, true), (problem.Fault, problem.Subject, problem.Position, problem.IsRoot));
        Assert.StartsWith("The certificate \"CN=Root\" (the root) expired on ", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            $"{problem} It is trusted here (--ca): put a CA that is fit in its place.", ProblemText.Of(problem));
    }

    [Fact]
    public void The_root_of_the_path_that_was_taken_is_known()
    {
        using X509Certificate2 certificate = _pki.Issue(new Leaf());
        Assert.Equal("CN=Test CA", PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Client).Peer!.Root);
    }

    [Fact]
    public void An_issuer_that_nobody_trusts_is_named()
    {
        using TestPki foreign = new("CN=Foreign CA");
        using X509Certificate2 certificate = foreign.Issue(new Leaf());
        CertificateProblem problem = PeerVerifier.Verify(certificate, [], _pki.Roots, PeerRole.Client).Problem!;
        Assert.Equal((CertificateFault.UntrustedIssuer, "CN=Foreign CA"), (problem.Fault, problem.Issuer));
    }

    [Fact]
    public void What_legacy_would_waive_is_a_fact_and_the_option_is_the_programs_word()
    {
        CertificateProblem problem = Verify(new Leaf { Purposes = null });
        Assert.Equal(
            (CertificateFault.WrongPurpose, WaivedRules.NoPurpose, PeerRole.Client), (problem.Fault, problem.Waivable, problem.Role));
        const string sentence =
            "The certificate \"CN=test\" (the peer's own) has no extended key usage; it must be made for a client (clientAuth).";
        Assert.Equal(sentence, problem.ToString());
        Assert.Equal($"{sentence} The way out, for certificates that cannot be replaced: --policy legacy.", ProblemText.Of(problem));
        // One that names other purposes is refused by legacy as well.
        CertificateProblem other = Verify(new Leaf { Purposes = [TestPki.ServerAuth] });
        Assert.Equal((CertificateFault.WrongPurpose, WaivedRules.None), (other.Fault, other.Waivable));
        Assert.Equal("The certificate \"CN=test\" (the peer's own) is not made for a client (clientAuth).", ProblemText.Of(other));
    }

    [Fact]
    public void An_ending_is_told_in_the_words_of_its_problem()
    {
        ConnectionEnd refused = HandshakeFailure.Refused(Verify(new Leaf { Purposes = null }));
        Assert.EndsWith("(clientAuth).", refused.Detail, StringComparison.Ordinal);
        Assert.EndsWith("--policy legacy.", ProblemText.Of(refused), StringComparison.Ordinal);
        Assert.Equal("because", ProblemText.Of(new ConnectionEnd(CloseReason.TransportError, "because")));
        Assert.Null(ProblemText.Of(new ConnectionEnd(CloseReason.PeerClosed)));
    }

    [Fact]
    public void Where_no_list_can_tell_the_program_says_how_to_name_one()
    {
        var problem = new CertificateProblem(CertificateFault.RevocationUnknown) { Subject = "CN=test", Gap = RevocationGap.NoList };
        const string start = "Whether the certificate \"CN=test\" is revoked cannot be told: there is no revocation list";
        Assert.Equal($"{start} that its issuer has signed.", problem.ToString());
        Assert.Equal($"{start} (--crl) that its issuer has signed.", ProblemText.Of(problem));
    }

    [Fact]
    public void A_name_in_a_list_forges_no_line()
    {
        Note note = ProblemText.Of(
            new RevocationListWarning(RevocationListDoubt.UnknownIssuer, "CN=a\nb\u001b[1m", DateTimeOffset.UtcNow), MissingList.Refuse);
        Assert.Contains("\"CN=a?b?[1m\"", note.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_lists_a_stale_one_is_a_warning_and_one_of_an_unknown_CA_a_note()
    {
        var due = new DateTimeOffset(2026, 11, 20, 8, 30, 0, TimeSpan.Zero);
        Note unknown = ProblemText.Of(new RevocationListWarning(RevocationListDoubt.UnknownIssuer, "CN=Mid", due), MissingList.Refuse);
        Assert.Equal(
            (false, "The revocation list of \"CN=Mid\" is not of a CA in --ca: it counts once a peer shows that CA."),
            (unknown.IsWarning, unknown.ToString()));
        var stale = new RevocationListWarning(RevocationListDoubt.Stale, "CN=Root", due);
        Assert.Equal(
            "WARNING: a revocation list is stale since 2026-11-20 08:30 UTC: the peers of its CA are refused until there is a fresh one.",
            ProblemText.Of(stale, MissingList.Refuse).ToString());
        Assert.Equal(
            "WARNING: a revocation list is stale since 2026-11-20 08:30 UTC.", ProblemText.Of(stale, MissingList.Allow).ToString());
    }

    [Fact]
    public void Of_a_peer_that_legacy_let_in_everything_is_told_that_strict_misses()
    {
        using X509Certificate2 old = _pki.Issue(new Leaf { Subject = "CN=old", Purposes = null });
        PeerVerdict verdict = PeerVerifier.Verify(old, [], _pki.Roots, PeerRole.Client, policy: TlsPolicy.Legacy);
        string warning = ProblemText.Of(new LegacyPeer(verdict.Peer!, verdict.Waived)).ToString();
        Assert.Equal(
            "WARNING: --policy legacy accepted the certificate \"CN=old\", which strict would refuse: it has no extended key usage. "
            + $"SHA-256 {verdict.Peer!.Fingerprint}.",
            warning);
    }

    [Fact]
    public void Every_fault_has_a_sentence_of_its_own()
    {
        CertificateFault[] faults = [.. Enum.GetValues<CertificateFault>().Where(f => f != CertificateFault.None)];
        CertificateFault[] shared = [CertificateFault.AuthorityAsPeer, CertificateFault.OwnRoot, CertificateFault.OldVersion];
        string[] sentences = [.. faults.Where(f => !shared.Contains(f))
            .Select(f => new CertificateProblem(f) { Subject = "CN=test" }.ToString())];
        Assert.All(sentences, s => Assert.EndsWith(".", s, StringComparison.Ordinal));
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
    }

    public void Dispose() => _pki.Dispose();

    private CertificateProblem Verify(Leaf leaf, PeerRole role = PeerRole.Client, string? name = null)
    {
        using X509Certificate2 certificate = _pki.Issue(leaf);
        return PeerVerifier.Verify(certificate, [], _pki.Roots, role, name).Problem!;
    }
}
