using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs.UnitTests;

public sealed class RenewTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_due_is_renewed_with_its_names_and_the_rest_is_left_alone(bool newKey)
    {
        using SetDirectory set = SetDirectory.WithSet(Validity.ForDays(5, SetDirectory.Now));
        Dictionary<string, byte[]> before = set.Contents();
        Assert.Equal(ExitCode.CheckFailed, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
        Run run = await Tool.RunAsync(["renew", "--dir", set.Path, "--days", "90", .. newKey ? new[] { "--new-key" } : []]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Contains("not renewed", run.Output, StringComparison.Ordinal);
        Run check = await Tool.RunAsync("check", "--dir", set.Path, "--name", "localhost", "--days", "80");
        Assert.Equal((ExitCode.Success, 0), (check.ExitCode, check.Problems.Length));
        Dictionary<string, byte[]> after = set.Contents();
        string[] changed = [.. after.Keys.Where(f => !after[f].SequenceEqual(before[f])).Select(f => Path.GetFileName(f)).Order()];
        string[] expected =
        [
            CertificateSet.Index, CertificateSet.ServerCertificate, CertificateSet.ServerPfx,
            .. newKey ? new[] { CertificateSet.ServerKey } : [],
        ];
        Assert.Equal(expected.Order(), changed);
        Assert.Equal(3, IssuedIndex.Read(set.Path).Certificates.Count);
    }

    [Fact]
    public async Task The_old_certificate_of_a_renewed_one_can_still_be_revoked_by_its_number()
    {
        using SetDirectory set = SetDirectory.WithSet(Validity.ForDays(5, SetDirectory.Now));
        string old = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.ServerCertificate]).SerialNumber;
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("renew", "--dir", set.Path)).ExitCode);
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync("revoke", "--dir", set.Path, "--serial", old, "--reason", "superseded")).ExitCode);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
    }

    [Fact]
    public async Task A_PFX_with_a_password_is_not_replaced_by_one_without()
    {
        using var set = new SetDirectory();
        var environment = new Dictionary<string, string> { ["SECRET"] = "correct horse" };
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync(environment, "create", "--dir", set.Path, "--password-env", "SECRET")).ExitCode);
        Dictionary<string, byte[]> before = set.Contents();
        Run refused = await Tool.RunAsync("renew", "--dir", set.Path, "--all");
        Assert.Equal(ExitCode.Certificate, refused.ExitCode);
        Assert.Contains("cannot be opened without its password", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, set.Contents());
        Assert.Equal(
            ExitCode.Success, (await Tool.RunAsync(environment, "renew", "--dir", set.Path, "--all", "--password-env", "SECRET")).ExitCode);
        TlsIdentity.FromPfx(set[CertificateSet.ClientPfx], "correct horse").Dispose();
    }

    [Fact]
    public async Task A_CA_that_is_due_itself_is_a_problem_and_nothing_outlives_it()
    {
        using var ca = new CertificateAuthority(KeyAlgorithm.P256, Validity.ForDays(20, SetDirectory.Now));
        using X509Certificate2 server = ca.Issue(PeerRole.Server, ["localhost"], Validity.ForDays(5, SetDirectory.Now));
        using X509Certificate2 client = ca.Issue(PeerRole.Client, ["client"], Validity.ForDays(5, SetDirectory.Now));
        using var set = new SetDirectory();
        FileSetWriter.Write(set.Path, CertificateSet.Render(ca.Certificate, server, client, password: null), replace: false);
        Run run = await Tool.RunAsync("renew", "--dir", set.Path);
        Assert.Equal(ExitCode.CheckFailed, run.ExitCode);
        Assert.Contains("make a new set", Assert.Single(run.Problems), StringComparison.Ordinal);
        using X509Certificate2 renewed = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.ServerCertificate]);
        Assert.Equal(ca.Certificate.NotAfter, renewed.NotAfter);
    }

    [Fact]
    public async Task Without_the_key_of_the_CA_nothing_is_renewed()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.Delete(set[CertificateSet.CaKey]);
        Run run = await Tool.RunAsync("renew", "--dir", set.Path, "--all");
        Assert.Equal(
            (ExitCode.Certificate, $"rawecho-certs: {set[CertificateSet.CaKey]}: no such file."), (run.ExitCode, run.Error.Trim()));
        Run nowhere = await Tool.RunAsync("renew", "--dir", set["nowhere"]);
        Assert.Equal(
            (ExitCode.Certificate, $"rawecho-certs: {set["nowhere"]}: no such directory."), (nowhere.ExitCode, nowhere.Error.Trim()));
    }
}
