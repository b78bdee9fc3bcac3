using RawEcho.Packages.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The archive for people who do not build: native executables, and the tools as packages.</summary>
public sealed class ArchiveTests(PackageFeed feed)
{
    [Fact]
    public async Task It_holds_programs_pages_completion_documents_and_tools_and_a_second_one_is_the_same()
    {
        Requires.Linux("the archive is made there alone");
        string server = Repository.File("out/native/rawecho-server");
        Assert.SkipUnless(File.Exists(server), "There are no native executables: ./build.sh test all");
        await using (var version = new ProgramProcess(server, ["--version"]))
        {
            bool isThis = (await version.ExitAsync()).Output is [var line] && line == $"rawecho-server {Repository.Version}";
            Assert.SkipUnless(isThis, "The native executables are of another commit: ./build.sh test all");
        }

        await feed.ReadyAsync();
        using var user = new PackageUser(feed);
        string archive = Repository.File(Assert.Single((await MakeAsync(user)).Output));
        string first = await SumAsync(user, archive);
        await MakeAsync(user);
        Assert.Equal(first, await SumAsync(user, archive));

        await user.RunAsync($"tar --extract --file {archive} --strip-components=1");
        foreach (string tool in PackageFeed.Tools)
        {
            Assert.Equal([$"{tool} {Repository.Version}"], (await user.RunAsync($"bin/{tool} --version")).Output);
            Assert.StartsWith(".TH ", (await user.RunAsync($"zcat share/man/man1/{tool}.1.gz")).Output[0], StringComparison.Ordinal);
            string[] shells =
                [$"bash-completion/completions/{tool}", $"zsh/site-functions/_{tool}", $"fish/vendor_completions.d/{tool}.fish"];
            Assert.All(shells, f => Assert.NotEqual(0, new FileInfo(user.Folder[$"share/{f}"]).Length));
            Assert.True(File.Exists(user.Folder[$"tools/{tool}.{Repository.Version}.nupkg"]));
        }

        IEnumerable<string> documents = Directory.GetFiles(Repository.File("docs"), "*.md").Select(f => Path.GetFileName(f));
        string[] files = ["README.md", "LICENSE", .. documents.Select(d => $"share/doc/rawecho/{d}")];
        Assert.All(files, f => Assert.True(File.Exists(user.Folder[f]), f));
    }

    private Task<ProgramResult> MakeAsync(PackageUser user) => user.RunAsync($"{Repository.File("deploy/archive.sh")} {feed.Folder}");

    private static async Task<string> SumAsync(PackageUser user, string file) => (await user.RunAsync($"sha256sum {file}")).Output[0];
}
