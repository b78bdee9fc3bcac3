using System.Diagnostics;
using System.Globalization;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A real systemd, the first process of namespaces of its own, with the units of deploy/systemd as they are, a journal, and the programs
/// under test in /usr/bin. It knows no other units. The rest of the machine is unaffected.
/// </summary>
internal sealed class SystemdMachine : IAsyncDisposable
{
    private const string Systemd = "/lib/systemd/systemd";
    private const string Units = "/lib/systemd/system";

    // What the units refer to.
    private static readonly string[] Targets = ["sysinit", "basic", "sockets", "network", "shutdown", "multi-user", "umount"];

    private static readonly string[] Journal =
        ["systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket"];

    private readonly TempFolder _folder = new();
    private readonly string _group;
    private readonly ProgramProcess _unshare;
    private string _first = string.Empty;

    private SystemdMachine(string groups)
    {
        _group = Path.Combine(groups, Path.GetFileName(_folder.Path));
        Directory.CreateDirectory(_group);
        Directory.CreateDirectory(In("units"));
        Directory.CreateDirectory(In("etc/rawecho"));
        Directory.CreateDirectory(In("etc/default"));
        foreach (string target in Targets) Write($"units/{target}.target", "[Unit]\nDefaultDependencies=no\n");
        foreach (string unit in Journal) File.Copy(Path.Combine(Units, unit), In($"units/{unit}"));
        foreach (string unit in Directory.GetFiles(Programs.InRepository("deploy/systemd")))
            File.Copy(unit, In($"units/{Path.GetFileName(unit)}"));
        Write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        // The mounts of this machine are left as they are. Credentials come to a service by propagation (mount_namespaces(7)).
        Write("first.sh", $"""
            set -e
            mount --make-rshared /
            mount -t proc proc /proc
            mount -t tmpfs tmpfs /run
            mkdir -p /run/systemd/system
            umount -R /sys/fs/cgroup
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            mount -t overlay overlay -o lowerdir={In("etc")}:/etc /etc
            mount -t overlay overlay -o lowerdir={Programs.Folder}:/usr/bin /usr/bin
            export container=other SYSTEMD_UNIT_PATH={In("units")} SYSTEMD_LOG_TARGET=console
            exec {Systemd} --system --unit=multi-user.target --show-status=no
            """);
        _unshare = new ProgramProcess(
            Programs.Bash!,
            [
                "-c", $"echo $$ > {_group}/cgroup.procs && exec \"$@\"", "bash",
                Programs.Unshare!, "--mount", "--pid", "--fork", "--cgroup", "--propagation", "private", "--kill-child",
                Programs.Bash!, In("first.sh"),
            ]);
    }

    /// <summary>Starts it; skips the test where that cannot be.</summary>
    /// <param name="certificates">What the service finds in /etc/rawecho.</param>
    /// <param name="changes">Files on top of those: changes to units (units/NAME.d/x.conf), settings (etc/default/rawecho-server).</param>
    public static async Task<SystemdMachine> StartAsync(Certificates certificates, params (string File, string Text)[] changes)
    {
        Requires.Linux("systemd");
        Assert.SkipUnless(Programs.IsNative, "the unit forbids what a just-in-time compiler does: ./build.sh test native");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "systemd is the first process of a machine: only root can start one");
        Assert.SkipWhen(Programs.Unshare is null || Programs.NsEnter is null, "There is no unshare and nsenter on this machine.");
        Assert.SkipUnless(File.Exists(Systemd) && Programs.OnPath("journalctl") is not null, "There is no systemd on this machine.");
        string? groups = File.ReadLines("/proc/mounts").Select(l => l.Split(' ')).FirstOrDefault(m => m[2] == "cgroup2")?[1];
        Assert.SkipWhen(groups is null, "There are no control groups (cgroup2) on this machine.");
        var machine = new SystemdMachine(groups!);
        try
        {
            File.Copy(certificates.Ca, machine.In("etc/rawecho/ca.pem"));
            File.Copy(certificates.Server.Certificate, machine.In("etc/rawecho/server.pem"));
            File.Copy(certificates.Server.Key, machine.In("etc/rawecho/server-key.pem"));
            foreach ((string file, string text) in changes) machine.Write(file, text);
            await machine.WaitUntilUpAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command in it, and gives what it said; one that fails fails the test.</summary>
    public async Task<string> RunAsync(string command)
    {
        ProgramResult result = await TryAsync(command);
        Assert.True(result.ExitCode == 0, $"{command}\n{result}");
        return string.Join('\n', result.Output);
    }

    /// <summary>A property of a unit, as systemctl(1) shows it.</summary>
    public Task<string> PropertyAsync(string unit, string name) => RunAsync($"systemctl show {unit} --property {name} --value");

    /// <summary>Waits until a property of a unit is what it is to be.</summary>
    public async Task UntilAsync(string unit, string name, string value)
    {
        long end = Environment.TickCount64 + (long)TimeLimit.Default.TotalMilliseconds;
        string now;
        while ((now = await PropertyAsync(unit, name)) != value)
        {
            Assert.True(Environment.TickCount64 < end, $"{name} of {unit} is {now}, and not {value}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // With the first process of a namespace all of it ends.
        if (_first.Length > 0 && !_unshare.HasExited)
        {
            using Process first = Process.GetProcessById(int.Parse(_first, CultureInfo.InvariantCulture));
            first.Kill();
        }

        await _unshare.DisposeAsync();
        await TimeLimit.Until(TryRemoveGroups, "the control groups can be removed");
        _folder.Dispose();
    }

    private string In(string path) => Path.Combine(_folder.Path, path);

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(file))!);
        File.WriteAllText(In(file), text);
    }

    private async Task WaitUntilUpAsync()
    {
        string children = string.Create(CultureInfo.InvariantCulture, $"/proc/{_unshare.Id}/task/{_unshare.Id}/children");
        await TimeLimit.Until(() => _unshare.HasExited || (_first = FirstOf(children)).Length > 0, "systemd starts");
        long end = Environment.TickCount64 + (long)TimeLimit.Default.TotalMilliseconds;
        while (!_unshare.HasExited && (await TryAsync("systemctl is-active multi-user.target")).ExitCode != 0)
        {
            Assert.True(Environment.TickCount64 < end, "systemd is not up.");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        Assert.SkipWhen(_unshare.HasExited, $"systemd does not run here: {_unshare}");
        await RunAsync("systemctl start systemd-journald.socket systemd-journald.service");
    }

    private static string FirstOf(string children) => File.Exists(children) ? File.ReadAllText(children).Trim() : string.Empty;

    private async Task<ProgramResult> TryAsync(string command)
    {
        await using var process = new ProgramProcess(
            Programs.NsEnter!, ["--target", _first, "--mount", "--pid", "--cgroup", Programs.Bash!, "-c", command]);
        return await process.ExitAsync();
    }

    private bool TryRemoveGroups()
    {
        try
        {
            // A control group has files that cannot be removed, and goes with them.
            foreach (string group in Directory.GetDirectories(_group, "*", SearchOption.AllDirectories).OrderByDescending(g => g.Length))
                Directory.Delete(group);
            Directory.Delete(_group);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
