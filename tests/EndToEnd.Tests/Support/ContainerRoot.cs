using System.Globalization;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// The root file system of the container image, and programs in it as a container engine starts them: by the image's user, with the file
/// system read-only but for /tmp, with the kernel's file systems and with volumes. It needs root, and the native executables.
/// </summary>
internal sealed class ContainerRoot : IDisposable
{
    /// <summary>The user of the image.</summary>
    public const int User = 65532;

    // The mounts are seen by this process alone, and go with it. A program that is started last has its process ID.
    private const string Script =
        """
        root="$1"; volumes="$2"; shift 2
        set -e
        mount --bind "$root" "$root"
        mount --rbind /proc "$root/proc"
        mount -t tmpfs tmpfs "$root/dev"
        for device in null zero random urandom; do
            touch "$root/dev/$device"
            mount --bind "/dev/$device" "$root/dev/$device"
        done
        for volume in $volumes; do
            mkdir -p "$root${volume#*:}"
            mount --bind "${volume%%:*}" "$root${volume#*:}"
        done
        mount -o remount,bind,ro "$root"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        exec env -i PATH=/usr/bin $(command -v chroot) --userspec="$USER:$USER" "$root" "$@"
        """;

    private readonly TempFolder _folder = new();

    private ContainerRoot()
    {
    }

    /// <summary>Where it is.</summary>
    public string Path => _folder["rootfs"];

    public static async Task<ContainerRoot> CreateAsync()
    {
        Assert.SkipUnless(Programs.IsNative, "a container has native executables: ./build.sh test native");
        Requires.Linux("chroot");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Not root: chroot and mounts are root's.");
        Assert.SkipWhen(Programs.Unshare is null, "There is no unshare on this machine.");
        var root = new ContainerRoot();
        try
        {
            (await RunAsync(Programs.InRepository("deploy/container/rootfs.sh"), root.Path, Programs.Folder)).EndedWith(Exit.Success);
            ProgramResult attempt = await RunAsync(Programs.Unshare!, "--mount", "mount", "--bind", root.Path, root.Path);
            Assert.SkipUnless(attempt.ExitCode == 0, $"Mounts are not permitted here: {string.Join(' ', attempt.Errors)}");
            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>Starts a command in it.</summary>
    /// <param name="command">The command, found on the PATH of the image.</param>
    /// <param name="volumes">Folders of this machine, and where they are in there.</param>
    public ProgramProcess Start(IEnumerable<string> command, params (string Here, string There)[] volumes)
    {
        string mounts = string.Join(' ', volumes.Select(v => $"{v.Here}:{v.There}"));
        return new ProgramProcess(
            Programs.Unshare!, ["--mount", Programs.Bash!, "-c", Script, "bash", Path, mounts, .. command],
            new Dictionary<string, string> { ["USER"] = User.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>Starts a command beside another one, in the same container (kubectl exec).</summary>
    public static ProgramProcess StartBeside(ProgramProcess other, IEnumerable<string> command)
    {
        string user = User.ToString(CultureInfo.InvariantCulture), process = other.Id.ToString(CultureInfo.InvariantCulture);
        return new ProgramProcess(
            Programs.NsEnter!,
            ["--target", process, "--mount", "--root", "--wd", "--setuid", user, "--setgid", user, .. command],
            new Dictionary<string, string> { ["PATH"] = "/usr/bin" });
    }

    /// <summary>Gives a folder to the group of the image's user, as the kubelet does with the volume of a Secret (fsGroup, 0440).</summary>
    public static async Task GiveAsync(string folder)
    {
        string user = User.ToString(CultureInfo.InvariantCulture);
        (await RunAsync(Programs.Bash!, "-c", $"chgrp -R {user} '{folder}' && chmod -R u=rwX,g=rX,o= '{folder}'")).EndedWith(Exit.Success);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        await using var process = new ProgramProcess(program, arguments);
        return await process.ExitAsync();
    }
}
