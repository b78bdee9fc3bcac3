using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs.UnitTests;

/// <summary>Certificates beside the two of a set: issued, listed, revoked, replaced; and those that are broken on purpose.</summary>
public sealed class IssueTests
{
    [Theory]
    [InlineData(new[] { "--name", "client2" }, PeerRole.Client, "client2", 365 * 24 * 60)]
    [InlineData(new[] { "--name", "api", "--server", "--host", "api.example.org", "--host", "192.0.2.7", "--days", "9" }, PeerRole.Server,
        "192.0.2.7", 9 * 24 * 60)]
    [InlineData(new[] { "--client", "--name", "A_b-1", "--host", "one.test", "--hours", "5" }, PeerRole.Client, "one.test", 5 * 60)]
    [InlineData(new[] { "--name", "brief.test", "--minutes", "7", "--key", "rsa2048" }, PeerRole.Client, "brief.test", 7)]
    public async Task Any_number_of_certificates_can_be_issued_under_one_CA(string[] options, PeerRole role, string host, int minutes)
    {
        using SetDirectory set = SetDirectory.WithSet();
        DateTimeOffset before = DateTimeOffset.UtcNow;
        Run run = await Tool.RunAsync(["issue", "--dir", set.Path, .. options]);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        var files = new PeerFiles(options[Array.IndexOf(options, "--name") + 1]);
        Assert.All(files.All, f => Assert.Contains(f, run.Output, StringComparison.Ordinal));
        using TlsIdentity identity = TlsIdentity.FromPem(set[files.Certificate], set[files.Key]);
        TlsIdentity.FromPfx(set[files.Pfx], password: null).Dispose();
        PeerVerdict verdict = PeerVerifier.Verify(
            identity.Certificate, [], TrustStore.Read(set[CertificateSet.CaCertificate]), role, host);
        Assert.True(verdict.Accepted, verdict.Problem?.ToString());
        DateTimeOffset until = ValidityPeriod.Of(identity.Certificate).Until;
        Assert.InRange(until, before.AddMinutes(minutes).AddSeconds(-1), DateTimeOffset.UtcNow.AddMinutes(minutes));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path, "--days", "0")).ExitCode);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(set[files.Key]));
    }

    [Theory]
    [InlineData("--name takes", "--name", "ca")]
    [InlineData("--name takes", "--name", "../client")]
    [InlineData("--name takes", "--name", "client-key")]
    [InlineData("'--name' is required")]
    [InlineData("give one with --host", "--name", "a..b")]
    [InlineData("Say which one", "--name", "x", "--server", "--client")]
    [InlineData("Give the validity once", "--name", "x", "--hours", "1", "--minutes", "1")]
    [InlineData("--minutes takes", "--name", "x", "--minutes", "0")]
    [InlineData("--broken takes", "--name", "x", "--broken", "odd")]
    [InlineData("--host takes", "--name", "x", "--host", "a b")]
    public async Task What_cannot_be_issued_is_refused_with_a_sentence(string part, params string[] options)
    {
        using SetDirectory set = SetDirectory.WithSet();
        Dictionary<string, byte[]> before = set.Contents();
        Run run = await Tool.RunAsync(["issue", "--dir", set.Path, .. options]);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(part, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(before, set.Contents());
    }

    [Fact]
    public async Task What_is_there_is_replaced_by_force_alone()
    {
        using SetDirectory set = SetDirectory.WithSet();
        string[] issue = ["issue", "--dir", set.Path, "--name", "client"];
        Run refused = await Tool.RunAsync(issue);
        Assert.Equal(ExitCode.Certificate, refused.ExitCode);
        Assert.Contains("exists already", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync([.. issue, "--force"])).ExitCode);
        string[] states = [.. (await ListAsync(set)).Where(c => c.Name == "client").Select(c => c.State)];
        Assert.Equal(["replaced", "good"], states);
    }

    [Fact]
    public async Task A_revoked_certificate_is_replaced_with_a_new_key_and_an_ordinary_one_keeps_its_key()
    {
        using SetDirectory set = SetDirectory.WithSet();
        var files = new PeerFiles("second");
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("issue", "--dir", set.Path, "--name", "second")).ExitCode);
        byte[] key = File.ReadAllBytes(set[files.Key]), other = File.ReadAllBytes(set[CertificateSet.ClientKey]);
        Run revoked = await Tool.RunAsync(
            "revoke", "--dir", set.Path, "--cert", set[files.Certificate], "--reason", "superseded");
        Assert.Contains($"--crl {set[CertificateSet.RevocationList]}", revoked.Output, StringComparison.Ordinal);
        Assert.Contains("rawecho-certs renew", revoked.Output, StringComparison.Ordinal);
        Assert.Contains("is revoked", Assert.Single((await Tool.RunAsync("check", "--dir", set.Path)).Problems), StringComparison.Ordinal);

        Run renewed = await Tool.RunAsync("renew", "--dir", set.Path);
        Assert.Equal((ExitCode.Success, ""), (renewed.ExitCode, renewed.Error));
        Assert.Contains("with a new key: the old one was revoked", renewed.Output, StringComparison.Ordinal);
        Assert.NotEqual(key, File.ReadAllBytes(set[files.Key]));
        Assert.Equal(other, File.ReadAllBytes(set[CertificateSet.ClientKey]));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
        ListedCertificate[] named = [.. (await ListAsync(set)).Where(c => c.Name == "second")];
        Assert.Equal([("revoked", "superseded"), ("good", null)], named.Select(c => (c.State, c.Reason)));
    }

    [Fact]
    public async Task A_key_that_was_certified_again_before_it_was_revoked_is_a_problem_until_it_is_replaced()
    {
        using SetDirectory set = SetDirectory.WithSet();
        string old = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.ClientCertificate]).SerialNumber;
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("renew", "--dir", set.Path, "--all")).ExitCode);
        byte[] key = File.ReadAllBytes(set[CertificateSet.ClientKey]);
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync("revoke", "--dir", set.Path, "--serial", old, "--reason", "keyCompromise")).ExitCode);
        Assert.Contains(
            "has the key of", Assert.Single((await Tool.RunAsync("check", "--dir", set.Path)).Problems), StringComparison.Ordinal);
        Run renewed = await Tool.RunAsync("renew", "--dir", set.Path);
        Assert.Contains("the old key was that of", renewed.Output, StringComparison.Ordinal);
        Assert.NotEqual(key, File.ReadAllBytes(set[CertificateSet.ClientKey]));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
    }

    [Fact]
    public async Task A_short_certificate_is_not_due_all_its_life_keeps_its_length_and_asks_for_its_key()
    {
        using SetDirectory set = SetDirectory.WithSet();
        var files = new PeerFiles("brief");
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("issue", "--dir", set.Path, "--name", "brief", "--hours", "2")).ExitCode);
        Assert.Empty((await Tool.RunAsync("check", "--dir", set.Path)).Problems);
        Assert.Contains("brief.pem is valid until", (await Tool.RunAsync("renew", "--dir", set.Path)).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("renew", "--dir", set.Path, "--name", "brief", "--all")).ExitCode);
        using X509Certificate2 renewed = X509CertificateLoader.LoadCertificateFromFile(set[files.Certificate]);
        Assert.InRange(ValidityPeriod.Of(renewed).Until, SetDirectory.Now.AddHours(1), DateTimeOffset.UtcNow.AddHours(2));

        File.Delete(set[files.Key]);
        Run keyless = await Tool.RunAsync("renew", "--dir", set.Path, "--name", "brief", "--all");
        Assert.Equal(ExitCode.CheckFailed, keyless.ExitCode);
        Assert.Contains("--new-key", Assert.Single(keyless.Problems), StringComparison.Ordinal);
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync("renew", "--dir", set.Path, "--name", "brief", "--all", "--new-key")).ExitCode);
        Run nobody = await Tool.RunAsync("renew", "--dir", set.Path, "--name", "nobody");
        Assert.Equal(ExitCode.Certificate, nobody.ExitCode);
        Assert.Contains("knows no certificate of the name nobody", nobody.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expired", CertificateFault.Expired)]
    [InlineData("not-yet-valid", CertificateFault.NotYetValid)]
    [InlineData("wrong-purpose", CertificateFault.WrongPurpose)]
    [InlineData("weak-key", CertificateFault.WeakKey)]
    [InlineData("wrong-name", CertificateFault.NameMismatch)]
    [InlineData("unknown-ca", CertificateFault.UntrustedIssuer)]
    [InlineData("self-signed", CertificateFault.UntrustedIssuer)]
    public async Task A_certificate_that_is_broken_on_purpose_is_refused_for_that_alone(string word, CertificateFault fault)
    {
        using SetDirectory set = SetDirectory.WithSet();
        foreach (string side in new[] { "server", "client" })
        {
            string name = $"bad-{side}";
            Run run = await Tool.RunAsync(
                "issue", "--dir", set.Path, "--name", name, "--host", "peer.test", $"--{side}", "--broken", word);
            Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
            Assert.Contains($"broken on purpose ({word})", run.Output, StringComparison.Ordinal);
            using X509Certificate2 leaf = X509CertificateLoader.LoadCertificateFromFile(set[$"{name}.pem"]);
            X509Certificate2Collection roots = TrustStore.Read(set[CertificateSet.CaCertificate]);
            PeerVerdict verdict =
                PeerVerifier.Verify(leaf, [], roots, side == "server" ? PeerRole.Server : PeerRole.Client, "peer.test");
            Assert.Equal(fault, verdict.Fault);
        }

        // Those of the CA are known, so that they can be revoked, and nobody renews or checks them as if they were to work.
        Assert.Equal(
            fault == CertificateFault.UntrustedIssuer ? 0 : 2, (await ListAsync(set)).Count(c => c.State == "broken" && c.Reason == word));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("issue", "--dir", set.Path, "--name", "good", "--host", "a.test")).ExitCode);
        Assert.Equal(
            ExitCode.Success,
            (await Tool.RunAsync("issue", "--dir", set.Path, "--name", "good", "--host", "a.test", "--force", "--broken", word)).ExitCode);
        Assert.DoesNotContain("good", (await Tool.RunAsync("renew", "--dir", set.Path, "--all")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("bad-", (await Tool.RunAsync("renew", "--dir", set.Path, "--all")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
    }

    [Fact]
    public async Task A_list_is_a_table_of_80_columns_and_an_index_that_is_missing_is_no_empty_one()
    {
        using SetDirectory set = SetDirectory.WithSet();
        Run list = await Tool.RunAsync("list", "--dir", set.Path);
        Assert.Equal((ExitCode.Success, ""), (list.ExitCode, list.Error));
        string[] lines = list.Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 80));
        ListedCertificate revoked = new(
            "client", "client", new string('A', 32), "CN=c", DateTimeOffset.UnixEpoch, "revoked",
            DateTimeOffset.UnixEpoch, "keyCompromise");
        ListedCertificate good = revoked with { State = "good", RevokedAt = null, Reason = null };
        string[] narrow = [.. ListCommand.Table([revoked, good], width: 80)];
        Assert.Equal(4, narrow.Length);
        Assert.All(narrow, l => Assert.InRange(l.Length, 1, 80));
        Assert.Equal(narrow[0].IndexOf("STATE", StringComparison.Ordinal), narrow[2].IndexOf("keyCompromise", StringComparison.Ordinal));
        string wide = ListCommand.Table([revoked, good], width: int.MaxValue).ElementAt(1);
        Assert.Contains("revoked: keyCompromise", wide, StringComparison.Ordinal);
        File.Delete(set[CertificateSet.Index]);
        Run missing = await Tool.RunAsync("list", "--dir", set.Path);
        Assert.Equal((ExitCode.Certificate, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("index.json: no such file", missing.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("PEM")]
    [InlineData("DER")]
    public async Task Show_reads_revocation_lists(string form)
    {
        using SetDirectory set = SetDirectory.WithSet();
        string serial = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.ClientCertificate]).SerialNumber;
        await Tool.RunAsync("revoke", "--dir", set.Path, "--serial", serial, "--reason", "keyCompromise");
        string file = set[CertificateSet.RevocationList];
        string pem = File.ReadAllText(file);
        byte[] der = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(l => !l.StartsWith('-'))));
        if (form == "DER") File.WriteAllBytes(file, der);
        if (form == "damaged") File.WriteAllText(file, pem.Replace(pem.Split('\n')[2], pem.Split('\n')[1], StringComparison.Ordinal));
        Run run = await Tool.RunAsync("show", file);
        if (form == "damaged")
        {
            Assert.Equal(ExitCode.Certificate, run.ExitCode);
            Assert.Contains("damaged revocation list", run.Error, StringComparison.Ordinal);
            return;
        }

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Contains("Number     1", run.Output, StringComparison.Ordinal);
        Assert.Matches($"{serial} on .* UTC, keyCompromise", run.Output);
    }

    private static async Task<ListedCertificate[]> ListAsync(SetDirectory set)
    {
        Run run = await Tool.RunAsync("list", "--dir", set.Path, "--json");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        return JsonSerializer.Deserialize<ListedCertificate[]>(run.Output, JsonSerializerOptions.Web)!;
    }
}
