using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using k8s.Models;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// The container: its root file system is made and used, and so is the image where there is buildah. It needs the native executables.
/// </summary>
public sealed class ContainerTests(Certificates certificates) : IDisposable
{
    private const long MostBytes = 90 << 20;

    private static readonly string[] ProgramNames = ["rawecho-certs", "rawecho-client", "rawecho-diagnostics", "rawecho-server"];

    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_server_of_the_Deployment_runs_in_it_without_a_shell_and_without_a_place_to_write_to()
    {
        using ContainerRoot root = await ContainerRoot.CreateAsync();
        AssertNothingToRunAndNothingToWrite(root.Path);
        string server = await SecretAsync("server", certificates.Server), client = await SecretAsync("client", certificates.Client);
        const string mount = "/etc/rawecho";
        V1Container container = KubernetesManifests.Single<V1Deployment>("server").Spec.Template.Spec.Containers.Single();
        Assert.Contains(container.VolumeMounts, m => m.MountPath == mount);
        // Free ports, and no pause at the end.
        IEnumerable<string> arguments = container.Args.Select(a => a is ":7443" or ":9090" ? "127.0.0.1:0" : a == "10s" ? "off" : a);
        await using ProgramProcess running = root.Start([.. container.Command, .. arguments], (server, mount));
        string address = await JsonLog.AddressAsync(running, "listening");
        using var admin = new HttpClient { BaseAddress = new Uri(await JsonLog.AddressAsync(running, "serving-admin")) };
        Assert.Equal("ok\n", await admin.GetStringAsync(container.LivenessProbe.HttpGet.Path, Stop));

        (await LoadRun.RunAsync(address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        string[] own = ["--cert", $"{mount}/tls.crt", "--key", $"{mount}/tls.key", "--ca", $"{mount}/ca.crt"];
        await using (ProgramProcess load = root.Start(["rawecho-client", "--server", address, .. own, "--messages", "20"], (client, mount)))
            (await load.ExitAsync()).EndedWith(Exit.Success).WithOutput("Round trips: 20 ");
        string process = running.Id.ToString(CultureInfo.InvariantCulture);
        await using (ProgramProcess watch = ContainerRoot.StartBeside(running, ["rawecho-diagnostics", "watch", "--once", process]))
            (await watch.ExitAsync()).EndedWith(Exit.Success).WithOutput("rawecho-server");
        foreach (string shell in (string[])["sh", "bash"])
        {
            await using ProgramProcess absent = root.Start([shell, "-c", "true"]);
            (await absent.ExitAsync()).EndedWith(Exit.NotFound);
        }

        running.Signal(PosixSignal.SIGTERM);
        (await running.ExitAsync()).EndedWith(Exit.Success);
    }

    [Fact]
    public async Task It_reads_a_PKCS12_file_of_an_old_recipe()
    {
        using ContainerRoot root = await ContainerRoot.CreateAsync();
        await Requires.OpenSslAsync();
        string pki = Directory.CreateDirectory(_folder["pki"]).FullName;
        File.Copy(certificates.Ca, Path.Combine(pki, "ca.pem"));
        await File.WriteAllTextAsync(Path.Combine(pki, "password"), Certificates.Password, Stop);
        // RC2 and 3DES, which OpenSSL 3 has in a library of its own.
        (string certificate, string key) = (certificates.Server.Certificate, certificates.Server.Key);
        string export = $"pkcs12 -export -legacy -in '{certificate}' -inkey '{key}' -out '{pki}/server.pfx'";
        await RunAsync($"{Programs.OpenSsl} {export} -passout 'pass:{Certificates.Password}'");
        await ContainerRoot.GiveAsync(pki);
        string[] own = ["--cert", "/pki/server.pfx", "--password-file", "/pki/password", "--ca", "/pki/ca.pem"];
        await using ProgramProcess server = root.Start(
            ["rawecho-server", "--listen", "127.0.0.1:0", .. own, "--duration", "1ms"], (pki, "/pki"));
        (await server.ExitAsync()).EndedWith(Exit.Success).WithOutput("Listening on 127.0.0.1:");
    }

    [Fact]
    public async Task The_image_has_that_root_and_says_which_user_and_which_program()
    {
        using ContainerRoot root = await ContainerRoot.CreateAsync();
        string script = Programs.InRepository("deploy/container/image.sh");
        // Every program of the system but one.
        string withoutBuildah = Directory.CreateDirectory(_folder["bin"]).FullName;
        await RunAsync($"ln -s /usr/bin/* /usr/local/bin/* '{withoutBuildah}' 2>/dev/null; rm -f '{withoutBuildah}/buildah'");
        string archive = await RunAsync($"PATH='{withoutBuildah}' '{script}'");
        Assert.EndsWith("-rootfs.tar", archive, StringComparison.Ordinal);
        await AssertSameAsync(root, await UnpackAsync("archive", archive));

        Assert.SkipWhen(Programs.OnPath("buildah") is null, "There is no buildah on this machine: the image was not made.");
        string image = await RunAsync(script);
        Assert.EndsWith(".oci.tar", image, StringComparison.Ordinal);
        string layout = await UnpackAsync("image", image);
        JsonElement manifest = ReadBlob(Single(ReadJson(Path.Combine(layout, "index.json")).GetProperty("manifests")));
        JsonElement config = ReadBlob(manifest.GetProperty("config")).GetProperty("config");
        Assert.Equal($"{ContainerRoot.User}:{ContainerRoot.User}", config.GetProperty("User").GetString());
        Assert.Equal("rawecho-server", Single(config.GetProperty("Cmd")).GetString());
        Assert.Equal("PATH=/usr/bin", Single(config.GetProperty("Env")).GetString());
        Assert.Equal("7443/tcp", Assert.Single(config.GetProperty("ExposedPorts").EnumerateObject()).Name);
        Assert.False(config.TryGetProperty("Entrypoint", out _));
        string version = await RunAsync($"{Programs.Server} --version | sed 's/.* //'");
        JsonElement labels = config.GetProperty("Labels");
        Assert.Equal(version, labels.GetProperty("org.opencontainers.image.version").GetString());
        Assert.Equal("MIT", labels.GetProperty("org.opencontainers.image.licenses").GetString());
        string layer = PathOf(Single(manifest.GetProperty("layers")));
        await AssertSameAsync(root, await UnpackAsync("layer", layer));

        // By buildah, with a volume, in the network of this machine.
        string client = await SecretAsync("client", certificates.Client);
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string buildah = $"buildah --root '{_folder["storage"]}' --runroot '{_folder["run"]}' --storage-driver vfs";
        string id = await RunAsync($"{buildah} from --quiet oci-archive:{Programs.InRepository(image)}");
        const string own = "--cert /pki/tls.crt --key /pki/tls.key --ca /pki/ca.crt";
        string load = $"rawecho-client --server {server.Address} --messages 20 {own}";
        string said = await RunAsync($"{buildah} run --isolation chroot --volume '{client}:/pki:ro' {id} -- {load}");
        Assert.Contains("Round trips: 20 ", said, StringComparison.Ordinal);
        await RunAsync($"{buildah} rm {id}");
        await server.StopAsync();

        string PathOf(JsonElement blob) =>
            Path.Combine(layout, "blobs", blob.GetProperty("digest").GetString()!.Replace(':', '/'));
        JsonElement ReadBlob(JsonElement blob) => ReadJson(PathOf(blob));
    }

    // The loader, libraries, and four programs can be run; /tmp alone is for everybody.
    private static void AssertNothingToRunAndNothingToWrite(string root)
    {
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite, run = UnixFileMode.OtherExecute;
        FileSystemInfo[] all = [.. new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(f => f.LinkTarget is null)];
        Assert.Equal("tmp", Assert.Single(all, f => (f.UnixFileMode & others) != 0).Name);
        FileInfo[] files = [.. all.OfType<FileInfo>()];
        IEnumerable<string> executable = files.Where(f => (f.UnixFileMode & run) != 0).Select(f => f.Name);
        Assert.Equal(ProgramNames, executable.Where(n => !n.Contains(".so", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(files, f => (f.UnixFileMode & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0);
        Assert.InRange(files.Sum(f => f.Length), 1, MostBytes);
    }

    // Names, modes, owners, targets of links, and content.
    private static async Task AssertSameAsync(ContainerRoot root, string other)
    {
        string list = "find . -mindepth 1 -printf '%P %y %m %U:%G %l\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum";
        Assert.Equal(await RunAsync($"cd '{root.Path}' && {list}"), await RunAsync($"cd '{other}' && {list}"));
    }

    private async Task<string> UnpackAsync(string name, string archive)
    {
        string folder = Directory.CreateDirectory(_folder[name]).FullName;
        await RunAsync($"tar -xpf '{Programs.InRepository(archive)}' -C '{folder}'");
        return folder;
    }

    private async Task<string> SecretAsync(string name, PemFiles own)
    {
        string folder = Directory.CreateDirectory(_folder[name]).FullName;
        await new SecretVolume(folder).WriteAsync(own, certificates.Ca);
        await ContainerRoot.GiveAsync(folder);
        return folder;
    }

    private static JsonElement ReadJson(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;

    private static JsonElement Single(JsonElement array) => Assert.Single(array.EnumerateArray());

    private static async Task<string> RunAsync(string command)
    {
        await using var process = new ProgramProcess(Programs.Bash!, ["-c", command]);
        return string.Join('\n', (await process.ExitAsync()).EndedWith(Exit.Success).Output);
    }
}
