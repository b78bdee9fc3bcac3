using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Files that are of no use: exit code 3 before anything is opened, and one sentence that names the file.</summary>
public sealed class CertificateFileTests(Certificates certificates)
{
    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    [InlineData("--password-file")]
    public async Task A_file_that_is_not_there_is_named(string option)
    {
        string missing = certificates.Folder["no-such-file.pem"];
        (await ServeAsync(option, missing)).EndedWith(Exit.Certificate).WithOneSentence(missing, "no such file");
    }

    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    public async Task A_folder_is_not_a_file(string option)
    {
        string folder = certificates.Folder.Path;
        (await ServeAsync(option, folder)).EndedWith(Exit.Certificate).WithOneSentence(folder, "directory");
    }

    [Theory]
    [InlineData("--ca", "certificate")]
    [InlineData("--cert", "certificate")]
    [InlineData("--key", "key")]
    public async Task A_file_without_what_it_should_hold_is_named(string option, string what)
    {
        string text = certificates.Folder.Write("text.pem", "This is no PEM.\n");
        (await ServeAsync(option, text)).EndedWith(Exit.Certificate).WithOneSentence(text, what);
    }

    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    public async Task An_empty_file_is_named(string option)
    {
        string empty = certificates.Folder.Write("empty.pem", string.Empty);
        (await ServeAsync(option, empty)).EndedWith(Exit.Certificate).WithOneSentence(empty);
    }

    [Fact]
    public async Task A_CA_file_that_holds_a_key_alone_holds_no_certificate()
    {
        ProgramResult result = await ServeAsync("--ca", certificates.Client.Key);
        result.EndedWith(Exit.Certificate).WithOneSentence(certificates.Client.Key, "no certificate");
    }

    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    [InlineData("--crl")]
    public async Task A_block_that_is_cut_off_is_named_with_its_line(string option)
    {
        string good = File.ReadAllText(option == "--key" ? certificates.Server.Key : certificates.Server.Certificate).TrimEnd();
        string cut = certificates.Folder.Write($"cut{option}.pem", $"{good}\n{good[..100]}");
        string line = $"line {good.Split('\n').Length + 1}: ";
        (await ServeAsync(option, cut)).EndedWith(Exit.Certificate).WithOneSentence(cut, line, "begins and does not end");
    }

    [Fact]
    public async Task A_link_to_nothing_is_as_a_file_that_is_not_there()
    {
        Requires.Linux("links");
        string link = certificates.Folder["link-to-nothing.pem"];
        File.CreateSymbolicLink(link, "nothing.pem");
        (await ServeAsync("--key", link)).EndedWith(Exit.Certificate).WithOneSentence(link, "no such file", "nothing.pem");
    }

    [Fact]
    public async Task A_damaged_certificate_is_named()
    {
        string[] lines = File.ReadAllLines(certificates.Server.Certificate);
        string damaged = certificates.Folder.Write("damaged.pem", string.Join('\n', lines.Where((_, i) => i != 2)) + "\n");
        (await ServeAsync("--cert", damaged)).EndedWith(Exit.Certificate).WithOneSentence(damaged);
    }

    [Fact]
    public async Task Binary_noise_is_no_certificate()
    {
        string noise = certificates.Folder.Write("noise.der", [0x30, 0x82, 0x01, 0x00, 0x42, 0x42, 0x42]);
        (await ServeAsync("--ca", noise)).EndedWith(Exit.Certificate).WithOneSentence(noise, "not a certificate");
    }

    [Fact]
    public async Task A_certificate_without_a_key_says_how_to_name_one()
    {
        ProgramResult result = await RunAsync("--ca", certificates.Ca, "--cert", certificates.Server.Certificate);
        result.EndedWith(Exit.Certificate).WithOneSentence(certificates.Server.Certificate, "holds no private key", "--key");
    }

    [Fact]
    public async Task A_key_that_does_not_match_is_named()
    {
        ProgramResult result = await ServeAsync("--key", certificates.Client.Key);
        result.EndedWith(Exit.Certificate).WithOneSentence(certificates.Client.Key, certificates.Server.Certificate);
    }

    [Fact]
    public async Task An_encrypted_key_without_a_password_says_how_to_give_one()
    {
        PemFiles encrypted = certificates.WriteEncrypted("locked-key.pem", certificates.Server);
        (await ServeAsync("--key", encrypted.Key))
            .EndedWith(Exit.Certificate).WithOneSentence(encrypted.Key, "encrypted", "--password-env", "--password-file");
    }

    [Fact]
    public async Task An_encrypted_key_with_a_wrong_password_is_named()
    {
        PemFiles encrypted = certificates.WriteEncrypted("locked-key-2.pem", certificates.Server);
        string password = certificates.Folder.Write("wrong-password.txt", "wrong\n");
        ProgramResult result = await RunAsync([.. Certificates.Options(certificates.Ca, encrypted), "--password-file", password]);
        result.EndedWith(Exit.Certificate).WithOneSentence(encrypted.Key, "password");
    }

    [Fact]
    public async Task A_PFX_file_without_its_password_says_how_to_give_one()
    {
        string pfx = certificates.WritePfx("locked.pfx", certificates.Server);
        ProgramResult result = await RunAsync("--ca", certificates.Ca, "--cert", pfx);
        result.EndedWith(Exit.Certificate).WithOneSentence(pfx, "password", "--password-env", "--password-file");
    }

    [Fact]
    public async Task A_PFX_file_with_a_wrong_password_is_named()
    {
        string pfx = certificates.WritePfx("locked-2.pfx", certificates.Server);
        string password = certificates.Folder.Write("wrong-pfx-password.txt", "wrong\n");
        ProgramResult result = await RunAsync("--ca", certificates.Ca, "--cert", pfx, "--password-file", password);
        result.EndedWith(Exit.Certificate).WithOneSentence(pfx, "password is wrong");
    }

    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    public async Task A_file_that_may_not_be_read_is_named(string option)
    {
        Requires.NoRoot("root may read every file");
        string locked = certificates.Folder.Write($"locked{option}.pem", File.ReadAllText(certificates.Ca));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(locked, UnixFileMode.None);
        (await ServeAsync(option, locked)).EndedWith(Exit.Certificate).WithOneSentence(locked, "permission");
    }

    [Theory]
    [InlineData(-48, -24, "expired")]
    [InlineData(24, 48, "not valid before")]
    public async Task A_server_does_not_start_with_a_certificate_that_is_out_of_date(int fromHours, int toHours, string why)
    {
        PemFiles outdated = certificates.Write($"server-{toHours}", new Leaf
        {
            Subject = "CN=old server",
            NotBefore = TimeSpan.FromHours(fromHours),
            NotAfter = TimeSpan.FromHours(toHours),
        });
        ProgramResult result = await RunAsync(Certificates.Options(certificates.Ca, outdated));
        result.EndedWith(Exit.Certificate).WithOneSentence(outdated.Certificate, why, "CN=old server");
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_certificate_of_the_wrong_purpose_is_warned_of_at_the_start()
    {
        PemFiles clientOnly = certificates.Write(
            "server-wrong-purpose", new Leaf { Subject = "CN=client only", Purposes = [TestPki.ClientAuth] });
        await using RunningServer server =
            await RunningServer.StartAsync(["--listen", "127.0.0.1:0", .. Certificates.Options(certificates.Ca, clientOnly)]);
        ProgramResult report = await server.StopAsync();
        report.WithOutput("WARNING: ", clientOnly.Certificate, "serverAuth");
    }

    [Fact]
    public async Task Without_any_certificate_it_is_said_how_to_make_one()
    {
        // A copy of the program, so that no certs/dev lies above it.
        using var folder = new TempFolder();
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(Programs.Server)!))
            File.Copy(file, folder[Path.GetFileName(file)]);
        string[] names = [Path.GetFileName(Programs.Server), Path.GetFileName(Programs.Client)];
        foreach (string name in names)
        {
            await using var program = new ProgramProcess(folder[name], [], folder: folder.Path);
            (await program.ExitAsync()).EndedWith(Exit.Certificate).WithOneSentence("certs/dev", "rawecho-certs create", "--cert");
        }
    }

    /// <summary>Starts a server whose options are good but for one.</summary>
    private Task<ProgramResult> ServeAsync(string option, string value)
    {
        string[] options = certificates.ServerOptions;
        int at = Array.IndexOf(options, option);
        if (at < 0) return RunAsync([.. options, option, value]);
        options[at + 1] = value;
        return RunAsync(options);
    }

    private static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using var process = new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", .. arguments]);
        return await process.ExitAsync();
    }
}
