using System.Security.Cryptography;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs.UnitTests;

public sealed class CreateTests
{
    private const string Password = "correct horse — Batterie";

    [Fact]
    public async Task Create_writes_the_set_and_names_every_file()
    {
        using var directory = new SetDirectory();
        Run run = await Tool.RunAsync("create", "--dir", directory.Path);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Equal(CertificateSet.Names.Order(), directory.Contents().Keys.Select(f => Path.GetFileName(f)).Order());
        Assert.All(CertificateSet.Names, name => Assert.Contains($"  {name} ", run.Output, StringComparison.Ordinal));
        Assert.Contains($"Next: rawecho-certs check --dir {directory.Path}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_create_writes_passes_check_for_every_host()
    {
        using var directory = new SetDirectory();
        string nested = directory["a/new directory"];
        Run created = await Tool.RunAsync(
            "create", "--dir", nested, "--host", "Server.example", "--host", "bücher.example", "--host", "[fe80::1]", "--client", "alice",
            "--key", "rsa2048", "--days", "30");
        Assert.Equal((ExitCode.Success, ""), (created.ExitCode, created.Error));
        foreach (string host in (string[])["server.example", "bücher.example", "fe80::1"])
        {
            Run check = await Tool.RunAsync("check", "--dir", nested, "--name", host);
            Assert.Equal((ExitCode.Success, ""), (check.ExitCode, check.Error));
            Assert.All(check.Output.Trim().Split('\n'), line => Assert.StartsWith("ok: ", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_force_nothing_is_overwritten()
    {
        using SetDirectory directory = SetDirectory.WithSet();
        File.Delete(directory[CertificateSet.CaCertificate]);
        Dictionary<string, byte[]> before = directory.Contents();
        Run run = await Tool.RunAsync("create", "--dir", directory.Path);

        Assert.Equal(ExitCode.Certificate, run.ExitCode);
        Assert.StartsWith($"rawecho-certs: {directory[CertificateSet.CaKey]} exists already", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.Equal(before, directory.Contents());
    }

    [Fact]
    public async Task With_force_the_whole_set_is_replaced_and_fits()
    {
        using SetDirectory directory = SetDirectory.WithSet();
        Dictionary<string, byte[]> before = directory.Contents();
        Run run = await Tool.RunAsync("create", "--dir", directory.Path, "--force");

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Dictionary<string, byte[]> after = directory.Contents();
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, file => Assert.NotEqual(file.Value, after[file.Key]));
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("check", "--dir", directory.Path)).ExitCode);
    }

    [Fact]
    public async Task Keys_are_readable_by_their_owner_alone_even_where_they_replace_open_ones()
    {
        if (OperatingSystem.IsWindows()) return; // There are no modes.
        using SetDirectory directory = SetDirectory.WithSet();
        File.SetUnixFileMode(directory[CertificateSet.ServerKey], (UnixFileMode)0b110_110_110);
        Assert.Equal(ExitCode.Success, (await Tool.RunAsync("create", "--dir", directory.Path, "--force")).ExitCode);
        string[] secrets =
            [CertificateSet.CaKey, CertificateSet.ServerKey, CertificateSet.ServerPfx, CertificateSet.ClientKey, CertificateSet.ClientPfx];
        foreach (string name in secrets)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory[name]));
    }

    [Fact]
    public async Task A_password_of_the_environment_opens_the_PFX_files_and_no_other_does()
    {
        using var directory = new SetDirectory();
        var environment = new Dictionary<string, string> { ["PFX_SECRET"] = Password };
        Run run = await Tool.RunAsync(environment, "create", "--dir", directory.Path, "--pfx-password-env", "PFX_SECRET");

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain(Password, run.Output, StringComparison.Ordinal);
        foreach (string name in (string[])[CertificateSet.ServerPfx, CertificateSet.ClientPfx])
        {
            using TlsIdentity identity = TlsIdentity.FromPfx(directory[name], Password);
            Assert.True(identity.Certificate.HasPrivateKey);
            Assert.Throws<CertificateFileException>(() => TlsIdentity.FromPfx(directory[name]));
            Assert.Throws<CertificateFileException>(() => TlsIdentity.FromPfx(directory[name], "wrong"));
        }

        Run withPassword = await Tool.RunAsync(environment, "check", "--dir", directory.Path, "--pfx-password-env", "PFX_SECRET");
        Assert.Equal(ExitCode.Success, withPassword.ExitCode);
        Run without = await Tool.RunAsync("check", "--dir", directory.Path);
        Assert.Equal((ExitCode.CheckFailed, 2), (without.ExitCode, without.Problems.Length));
    }

    [Fact]
    public async Task A_password_file_gives_its_first_line()
    {
        using var directory = new SetDirectory();
        File.WriteAllText(directory["password"], Password + "\r\nnot this\n");
        Run run = await Tool.RunAsync("create", "--dir", directory["set"], "--pfx-password-file", directory["password"]);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        TlsIdentity.FromPfx(Path.Combine(directory["set"], CertificateSet.ServerPfx), Password).Dispose();
    }

    [Theory]
    [InlineData(ExitCode.Usage, "--days", "0")]
    [InlineData(ExitCode.Usage, "--days", "-1")]
    [InlineData(ExitCode.Usage, "--days", "many")]
    [InlineData(ExitCode.Usage, "--days", "99999999999")]
    [InlineData(ExitCode.Usage, "--host", "two words")]
    [InlineData(ExitCode.Usage, "--host", "localhost:8443")]
    [InlineData(ExitCode.Usage, "--host", "")]
    [InlineData(ExitCode.Usage, "--client", "127.0.0.1")]
    [InlineData(ExitCode.Usage, "--key", "rsa1024")]
    [InlineData(ExitCode.Usage, "--key", "1")]
    [InlineData(ExitCode.Usage, "--pfx-password-env", "RAWECHO_NO_SUCH_VARIABLE")]
    [InlineData(ExitCode.Usage, "--password-env", "RAWECHO_NO_SUCH_VARIABLE")]
    [InlineData(ExitCode.Usage, "--pfx-password-file", "")]
    [InlineData(ExitCode.Usage, "--pfx-password", "secret")]
    [InlineData(ExitCode.Usage, "--unknown", "x")]
    [InlineData(ExitCode.Usage, "--dir", "")]
    [InlineData(ExitCode.Certificate, "--pfx-password-file", "no/such/file")]
    public async Task A_bad_value_is_one_sentence_and_nothing_is_written(int code, string option, string value)
    {
        using var directory = new SetDirectory();
        string[] where = option == "--dir" ? [] : ["--dir", directory["set"]];
        AssertRefused(code, await Tool.RunAsync(["create", .. where, option, value]));
        Assert.False(Path.Exists(directory["set"]));
    }

    [Fact]
    public async Task A_file_in_place_of_the_directory_is_refused()
    {
        using var directory = new SetDirectory();
        File.WriteAllText(directory["file"], "text");
        AssertRefused(ExitCode.Certificate, await Tool.RunAsync("create", "--dir", directory["file"]));
        AssertRefused(ExitCode.Certificate, await Tool.RunAsync("create", "--dir", directory["file/below"]));
        Assert.Equal("text", File.ReadAllText(directory["file"]));
    }

    [Fact]
    public async Task A_directory_in_place_of_a_file_is_refused_before_anything_is_replaced()
    {
        using SetDirectory directory = SetDirectory.WithSet();
        File.Delete(directory[CertificateSet.ClientPfx]);
        Directory.CreateDirectory(directory[CertificateSet.ClientPfx]);
        Dictionary<string, byte[]> before = directory.Contents();
        AssertRefused(ExitCode.Certificate, await Tool.RunAsync("create", "--dir", directory.Path, "--force"));
        Assert.Equal(before, directory.Contents());
    }

    [Fact]
    public void A_file_that_appears_meanwhile_is_not_overwritten_and_nothing_else_stays()
    {
        using var directory = new SetDirectory();
        // A link to nowhere is not seen beforehand, and is in the way when the file gets its name.
        File.CreateSymbolicLink(directory["b"], directory["nowhere"]);
        NewFile[] files =
            [new("a", RandomNumberGenerator.GetBytes(10), Secret: false), new("c", [1], Secret: true), new("b", [2], Secret: true)];
        CommandException refusal = Assert.Throws<CommandException>(() => FileSetWriter.Write(directory.Path, files, replace: false));
        Assert.Equal(ExitCode.Certificate, refusal.ExitCode);
        Assert.Equal([directory["b"]], Directory.GetFileSystemEntries(directory.Path));
        Assert.False(File.Exists(directory["nowhere"]));
    }

    private static void AssertRefused(int code, Run run)
    {
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
        string sentence = Assert.Single(run.Error.Trim().Split('\n'));
        Assert.StartsWith("rawecho-certs: ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
    }
}
