using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;

namespace RawEcho.Certs.UnitTests;

public sealed class RevokeTests
{
    [Fact]
    public async Task A_revoked_certificate_is_on_a_list_that_the_engine_believes_and_the_other_is_not()
    {
        using SetDirectory set = SetDirectory.WithSet();
        Run run = await Tool.RunAsync(
            "revoke", "--dir", set.Path, "--cert", set[CertificateSet.ClientCertificate], "--reason", "KEYcompromise");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Contains("Revoked CN=client.rawecho.test", run.Output, StringComparison.Ordinal);
        Assert.Contains("number 1, 1 revoked", run.Output, StringComparison.Ordinal);
        Assert.Equal(CertificateFault.Revoked, Evaluate(set, CertificateSet.ClientCertificate, PeerRole.Client));
        Assert.Equal(CertificateFault.None, Evaluate(set, CertificateSet.ServerCertificate, PeerRole.Server));
        Run check = await Tool.RunAsync("check", "--dir", set.Path);
        Assert.Contains("is revoked", Assert.Single(check.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_revoked_stays_revoked_in_later_lists()
    {
        using SetDirectory set = SetDirectory.WithSet();
        string serial = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.ClientCertificate]).SerialNumber;
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("revoke", "--dir", set.Path, "--serial", serial.ToLowerInvariant())).ExitCode);
        Run again = await Tool.RunAsync("revoke", "--dir", set.Path, "--serial", serial, "--reason", "superseded");
        Assert.Contains("was revoked already", again.Output, StringComparison.Ordinal);
        File.Delete(set[CertificateSet.RevocationList]);
        Run list = await Tool.RunAsync("crl", "--dir", set.Path, "--days", "7");
        Assert.Contains("number 3, 1 revoked", list.Output, StringComparison.Ordinal);
        Assert.Equal(CertificateFault.Revoked, Evaluate(set, CertificateSet.ClientCertificate, PeerRole.Client));
        Assert.Equal("unspecified", IssuedIndex.Read(set.Path).Find(serial)!.Reason);
    }

    [Fact]
    public async Task A_set_of_an_earlier_version_has_no_index_and_can_revoke_all_the_same()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.Delete(set[CertificateSet.Index]);
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync("revoke", "--dir", set.Path, "--cert", set[CertificateSet.ClientCertificate])).ExitCode);
        Assert.Equal(CertificateFault.Revoked, Evaluate(set, CertificateSet.ClientCertificate, PeerRole.Client));
    }

    [Fact]
    public async Task A_certificate_of_another_CA_the_CA_itself_and_an_unknown_number_are_refused()
    {
        using SetDirectory set = SetDirectory.WithSet();
        using SetDirectory foreign = SetDirectory.WithSet();
        await AssertRefusedAsync(
            ExitCode.Certificate, "was not issued by", "revoke", "--dir", set.Path, "--cert", foreign[CertificateSet.ClientCertificate]);
        await AssertRefusedAsync(
            ExitCode.Certificate, "cannot revoke itself", "revoke", "--dir", set.Path, "--cert", set[CertificateSet.CaCertificate]);
        await AssertRefusedAsync(ExitCode.Certificate, "knows no certificate", "revoke", "--dir", set.Path, "--serial", "0102");
        await AssertRefusedAsync(ExitCode.Usage, "--cert or --serial", "revoke", "--dir", set.Path);
        await AssertRefusedAsync(ExitCode.Usage, "--serial takes", "revoke", "--dir", set.Path, "--serial", "xyz");
        await AssertRefusedAsync(ExitCode.Usage, "--reason takes", "revoke", "--dir", set.Path, "--serial", "01", "--reason", "whim");
        File.WriteAllText(set[CertificateSet.Index], "{ not JSON");
        await AssertRefusedAsync(ExitCode.Certificate, "is damaged", "crl", "--dir", set.Path);
        Assert.False(File.Exists(set[CertificateSet.RevocationList]));
    }

    [Fact]
    public async Task A_list_that_is_due_or_forged_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        using SetDirectory foreign = SetDirectory.WithSet();
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("crl", "--dir", set.Path, "--days", "1")).ExitCode);
        Assert.Contains("is due on", Assert.Single((await Tool.RunAsync("check", "--dir", set.Path)).Problems), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("crl", "--dir", foreign.Path)).ExitCode);
        File.Copy(foreign[CertificateSet.RevocationList], set[CertificateSet.RevocationList], overwrite: true);
        Run check = await Tool.RunAsync("check", "--dir", set.Path);
        Assert.Equal(ExitCode.CheckFailed, check.ExitCode);
        Assert.Contains("is of another CA", Assert.Single(check.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_runs_of_create_at_once_one_makes_the_set_and_the_other_says_that_it_is_there()
    {
        using var directory = new SetDirectory();
        Run[] runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Tool.RunAsync("create", "--dir", directory.Path)));
        Assert.Single(runs, r => r.ExitCode == ExitCode.Success);
        Assert.All(
            runs.Where(r => r.ExitCode != ExitCode.Success), r => Assert.Contains("exists already", r.Error, StringComparison.Ordinal));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", directory.Path)).ExitCode);
    }

    [Fact]
    public async Task Runs_of_create_with_force_at_once_leave_a_set_that_fits()
    {
        using var directory = new SetDirectory();
        Run[] runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Tool.RunAsync("create", "--dir", directory.Path, "--force")));
        Assert.All(runs, r => Assert.Equal((ExitCode.Success, ""), (r.ExitCode, r.Error)));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", directory.Path)).ExitCode);
        Assert.Equal(CertificateSet.Names.Order(), directory.Contents().Keys.Select(f => Path.GetFileName(f)).Order());
    }

    private static CertificateFault Evaluate(SetDirectory set, string certificate, PeerRole role)
    {
        X509Certificate2Collection roots = TrustStore.Read(set[CertificateSet.CaCertificate]);
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificateFromFile(set[certificate]);
        PeerIdentity peer = PeerVerifier.Verify(leaf, [], roots, role).Peer!;
        return RevocationLists.Load([set[CertificateSet.RevocationList]], roots).Evaluate(peer, DateTimeOffset.UtcNow).Fault;
    }

    private static async Task AssertRefusedAsync(int code, string part, params string[] args)
    {
        Run run = await Tool.RunAsync(args);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(part, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
