using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;

namespace RawEcho.Certs.UnitTests;

public sealed class CheckTests
{
    [Fact]
    public async Task A_good_set_has_no_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        Run run = await Tool.RunAsync("check", "--dir", set.Path);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Empty(run.Problems);
    }

    [Fact]
    public async Task The_CA_key_and_the_PFX_files_may_be_elsewhere()
    {
        using SetDirectory set = SetDirectory.WithSet();
        foreach (string name in (string[])[CertificateSet.CaKey, CertificateSet.ServerPfx, CertificateSet.ClientPfx])
            File.Delete(set[name]);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
    }

    [Theory]
    [InlineData(CertificateSet.CaCertificate)]
    [InlineData(CertificateSet.ServerCertificate)]
    [InlineData(CertificateSet.ClientKey)]
    public async Task A_missing_file_is_named_and_nothing_is_called_ok(string name)
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.Delete(set[name]);
        Run run = await Tool.RunAsync("check", "--dir", set.Path);
        Assert.Equal(
            (ExitCode.Certificate, "", $"rawecho-certs: {set[name]}: no such file."), (run.ExitCode, run.Output, run.Error.TrimEnd()));
    }

    [Theory]
    [InlineData(CertificateSet.CaCertificate)]
    [InlineData(CertificateSet.ServerKey)]
    public async Task A_link_to_nothing_is_as_a_missing_file(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        using SetDirectory set = SetDirectory.WithSet();
        File.Delete(set[name]);
        File.CreateSymbolicLink(set[name], "nothing");
        Run run = await Tool.RunAsync("check", "--dir", set.Path);
        Assert.Equal((ExitCode.Certificate, ""), (run.ExitCode, run.Output));
        Assert.Contains($"{set[name]}: no such file: it is a link", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_cannot_be_read_is_named_in_every_file()
    {
        using SetDirectory set = SetDirectory.WithSet();
        foreach (string name in (string[])[CertificateSet.CaCertificate, CertificateSet.ServerCertificate])
        {
            string good = File.ReadAllText(set[name]);
            File.WriteAllText(set[name], good + good[..100]);
            Run check = await Tool.RunAsync("check", "--dir", set.Path), show = await Tool.RunAsync("show", set[name]);
            string sentence = $"{set[name]}: line {good.Split('\n').Length}: the block \"CERTIFICATE\" begins and does not end";
            foreach (Run run in new[] { check, show })
            {
                Assert.Equal(ExitCode.Certificate, run.ExitCode);
                Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
            }

            File.WriteAllText(set[name], good);
        }
    }

    [Fact]
    public async Task An_expired_certificate_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet(new Validity(SetDirectory.Now.AddDays(-10), SetDirectory.Now.AddDays(-1)));
        await AssertProblemsAsync(["is refused as a server's", "server.pem expired on"], "--dir", set.Path);
    }

    [Fact]
    public async Task A_certificate_that_is_not_valid_yet_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet(new Validity(SetDirectory.Now.AddDays(1), SetDirectory.Now.AddDays(100)));
        await AssertProblemsAsync(["is not valid before"], "--dir", set.Path);
    }

    [Fact]
    public async Task Few_days_left_are_a_problem_only_below_the_threshold()
    {
        using SetDirectory set = SetDirectory.WithSet(Validity.ForDays(10, SetDirectory.Now));
        await AssertProblemsAsync(["fewer than 14"], "--dir", set.Path);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path, "--days", "5")).ExitCode);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.Copy(set[CertificateSet.ClientKey], set[CertificateSet.ServerKey], overwrite: true);
        await AssertProblemsAsync(["server-key.pem: is not the key of"], "--dir", set.Path);
    }

    [Fact]
    public async Task A_PFX_of_another_certificate_or_of_no_kind_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.Copy(set[CertificateSet.ClientPfx], set[CertificateSet.ServerPfx], overwrite: true);
        File.WriteAllText(set[CertificateSet.ClientPfx], "no PFX");
        await AssertProblemsAsync(["server.pfx holds another certificate", "client.pfx: is not a PKCS#12 file"], "--dir", set.Path);
    }

    [Fact]
    public async Task Empty_files_are_problems()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.WriteAllBytes(set[CertificateSet.ServerKey], []);
        File.WriteAllBytes(set[CertificateSet.ServerPfx], []);
        await AssertProblemsAsync(["server-key.pem: holds no PEM private key", "server.pfx is empty"], "--dir", set.Path);
    }

    [Fact]
    public async Task A_certificate_for_the_other_role_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        string[] server =
        [
            "--ca", set[CertificateSet.CaCertificate],
            "--cert", set[CertificateSet.ServerCertificate], "--key", set[CertificateSet.ServerKey],
        ];
        await AssertProblemsAsync(["is not made for a client (clientAuth)"], [.. server, "--role", "client"]);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync(["check", .. server, "--role", "server", "--name", "localhost"])).ExitCode);
    }

    [Fact]
    public async Task A_name_that_the_server_lacks_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        await AssertProblemsAsync(
            ["is not for 'other.example' but for localhost, 127.0.0.1"], "--dir", set.Path, "--name", "other.example");
    }

    [Fact]
    public async Task A_server_without_any_name_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using X509Certificate2 ca = X509Certificate2.CreateFromPemFile(set[CertificateSet.CaCertificate], set[CertificateSet.CaKey]);
        using X509Certificate2 server = request.Create(ca, SetDirectory.Now, SetDirectory.Now.AddDays(100), [1, 2, 3]);
        File.WriteAllText(set["nameless.pem"], server.ExportCertificatePem());
        await AssertProblemsAsync(
            ["has no DNS name and no IP address"], "--ca", set[CertificateSet.CaCertificate], "--cert", set["nameless.pem"]);
    }

    [Fact]
    public async Task A_certificate_of_a_foreign_CA_is_a_problem()
    {
        using SetDirectory set = SetDirectory.WithSet();
        using SetDirectory foreign = SetDirectory.WithSet();
        File.Copy(foreign[CertificateSet.CaCertificate], set[CertificateSet.CaCertificate], overwrite: true);
        await AssertProblemsAsync(
            ["ca-key.pem: is not the key of", "is refused as a server's", "is refused as a client's"], "--dir", set.Path);
    }

    [Theory]
    [InlineData(CertificateSet.CaKey)]
    [InlineData(CertificateSet.ServerKey)]
    [InlineData(CertificateSet.ClientPfx)]
    public async Task A_key_that_others_can_read_is_a_problem_also_behind_a_link(string name)
    {
        if (OperatingSystem.IsWindows()) return; // There are no modes.
        using SetDirectory set = SetDirectory.WithSet();
        File.Move(set[name], set["target"]);
        File.CreateSymbolicLink(set[name], "target");
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", set.Path)).ExitCode);
        File.SetUnixFileMode(set["target"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await AssertProblemsAsync([$"{set[name]} can be read or changed by other users"], "--dir", set.Path);
    }

    [Fact]
    public async Task A_PFX_is_checked_as_a_certificate_of_its_own()
    {
        using SetDirectory set = SetDirectory.WithSet(algorithm: KeyAlgorithm.Rsa2048);
        Run run = await Tool.RunAsync(
            "check", "--ca", set[CertificateSet.CaCertificate], "--cert", set[CertificateSet.ClientPfx], "--role", "client");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("--cert", "x.pem")]
    [InlineData("--ca", "x.pem", "--cert", "y.pem", "--dir", "z")]
    [InlineData("--ca", "x.pem", "--cert", "y.pem", "--role", "7")]
    [InlineData("--name", "two words")]
    [InlineData("--days", "-1")]
    [InlineData("unexpected")]
    public async Task Arguments_that_do_not_fit_are_refused(params string[] args)
    {
        Run run = await Tool.RunAsync(["check", .. args]);
        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    private static async Task AssertProblemsAsync(string[] expected, params string[] args)
    {
        Run run = await Tool.RunAsync(["check", .. args]);
        Assert.Equal((ExitCode.CheckFailed, ""), (run.ExitCode, run.Error));
        Assert.Equal(expected.Length, run.Problems.Length);
        Assert.All(expected.Zip(run.Problems), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
