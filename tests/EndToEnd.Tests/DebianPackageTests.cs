using System.Text.RegularExpressions;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The Debian package: made, installed into an empty root, used there, and removed. It needs the native executables.</summary>
public sealed class DebianPackageTests
{
    [Fact]
    public async Task The_package_installs_its_programs_pages_and_a_service_that_is_off_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(Programs.IsNative, "a package is made of native executables: ./build.sh test native");
        Assert.SkipWhen(Programs.OnPath("dpkg-deb") is null, "there is no dpkg-deb here");
        using var root = new TempFolder();
        string package = Path.Combine(Programs.InRepository("."), await RunAsync(Programs.InRepository("deploy/debian/package.sh")));

        // An empty root: nothing that the package depends on is in it, and its scripts, of which it has none, would find no shell.
        Directory.CreateDirectory(Path.Combine(root.Path, "var/lib/dpkg/info"));
        Directory.CreateDirectory(Path.Combine(root.Path, "var/lib/dpkg/updates"));
        await File.WriteAllTextAsync(Path.Combine(root.Path, "var/lib/dpkg/status"), string.Empty);
        string dpkg = $"dpkg --root={root.Path} --force-depends --force-not-root --force-script-chrootless --log=/dev/null";
        await RunAsync($"{dpkg} --install {package}");

        foreach (string name in (string[])["rawecho-server", "rawecho-client", "rawecho-diagnostics", "rawecho-certs"])
        {
            Assert.Matches($"^{name} [0-9]", await RunAsync(In($"usr/bin/{name}") + " --version"));
            Assert.Contains($"{name}", await RunAsync($"zcat {In($"usr/share/man/man1/{name}.1.gz")} | head -1"), StringComparison.Ordinal);
            await RunAsync($"bash -c '. {In($"usr/share/bash-completion/completions/{name}")}; complete -p {name}'");
            Assert.True(File.Exists(In($"usr/share/zsh/vendor-completions/_{name}")));
            Assert.True(File.Exists(In($"usr/share/fish/vendor_completions.d/{name}.fish")));
        }

        // No link in a .wants folder: nobody starts it before an administrator says so.
        Assert.True(File.Exists(In("usr/lib/systemd/system/rawecho-server.service")));
        Assert.True(File.Exists(In("usr/lib/systemd/system/rawecho-server.socket")));
        Assert.False(Directory.Exists(In("etc/systemd")));
        if (Programs.OnPath("systemd-analyze") is not null)
        {
            string verify = $"systemd-analyze verify --man=no --recursive-errors=no --root={root.Path} rawecho-server.{{socket,service}}";
            // The root has no kill(1).
            Assert.Empty(await RunAsync($"{verify} 2>&1 | grep rawecho-server | grep -v /bin/kill || true"));
        }

        await RunAsync($"{In("usr/bin/rawecho-certs")} create --dir {In("etc/rawecho")}");
        await RunAsync($"{dpkg} --remove rawecho");
        Assert.True(File.Exists(In("etc/default/rawecho-server")), "a settings file outlives the removal");
        await RunAsync($"{dpkg} --purge rawecho");
        string[] left = Directory.GetFiles(root.Path, "*", SearchOption.AllDirectories);
        Assert.All(left, file => Assert.Matches($"^{Regex.Escape(root.Path)}/(var/lib/dpkg|etc/rawecho)/", file));
        Assert.True(File.Exists(In("etc/rawecho/server.pem")), "the certificates are the administrator's");

        string In(string path) => Path.Combine(root.Path, path);
    }

    private static async Task<string> RunAsync(string command)
    {
        await using var process = new ProgramProcess(Programs.Bash!, ["-c", command]);
        ProgramResult result = await process.ExitAsync();
        Assert.True(result.ExitCode == 0, $"{command}\n{result}");
        return string.Join('\n', result.Output);
    }
}
