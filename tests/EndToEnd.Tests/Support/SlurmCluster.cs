using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A cluster of Slurm on loopback: munged, slurmctld, and a slurmd for each of three nodes, all with files and ports of their own.
/// </summary>
internal sealed class SlurmCluster : IAsyncDisposable
{
    private const int Nodes = 3;
    private static readonly string[] Needed = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel"];
    private static readonly string[] Ended = ["COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL", "TIMEOUT"];

    private readonly TempFolder _folder = new();
    private readonly List<ProgramProcess> _daemons = [];
    private readonly List<string> _jobs = [];
    private readonly Dictionary<string, string> _environment;

    private SlurmCluster() => _environment = new Dictionary<string, string> { ["SLURM_CONF"] = _folder["slurm.conf"] };

    /// <summary>Where jobs are submitted from.</summary>
    public TempFolder Folder => _folder;

    /// <summary>Starts one, or skips the test.</summary>
    public static async Task<SlurmCluster> StartAsync()
    {
        Requires.Linux("Slurm is of Debian here");
        string[] missing = [.. Needed.Where(p => Find(p) is null)];
        Assert.SkipWhen(missing.Length > 0, $"There is no {string.Join(", ", missing)} on this machine (Debian: slurm-wlm, munge).");
        var cluster = new SlurmCluster();
        try
        {
            await cluster.StartAllAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Submits a job, waits for its end, and gives back its exit code.</summary>
    /// <param name="environment">What the script finds in its environment.</param>
    /// <param name="arguments">Those of sbatch, the script, and its own.</param>
    public async Task<int> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        Dictionary<string, string> all = new(_environment);
        foreach ((string name, string value) in environment) all[name] = value;
        ProgramResult submitted = await CallAsync("sbatch", all, ["--parsable", .. arguments]);
        string job = submitted.EndedWith(Exit.Success).Output[0];
        _jobs.Add(job);
        string state;
        do
        {
            await Task.Delay(300);
            state = (await CallAsync("scontrol", _environment, "show", "job", "--oneliner", job)).EndedWith(Exit.Success).Output[0];
        }
        while (!Ended.Any(s => state.Contains($"JobState={s} ", StringComparison.Ordinal)));
        // ExitCode=12:0, the code and the signal.
        string code = state.Split(' ').Single(w => w.StartsWith("ExitCode=", StringComparison.Ordinal));
        return int.Parse(code["ExitCode=".Length..].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (_jobs.Count > 0) await CallAsync("scancel", _environment, [.. _jobs]);
        // The nodes before who directs them, and munged, which all of them need, at the end.
        foreach (ProgramProcess daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited) daemon.Signal(PosixSignal.SIGTERM);
            await daemon.ExitAsync();
            await daemon.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartAllAsync()
    {
        string[] ports = FreePorts.Take(Nodes + 1);
        Directory.CreateDirectory(_folder["state"]);
        Directory.CreateDirectory(_folder["spool"]);
        string key = _folder.Write("munge.key", RandomNumberGenerator.GetBytes(1024));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string configuration = _folder.Write("slurm.conf", Configuration(ports));
        Start(
            "munged", "--foreground", "--force", $"--key-file={key}", $"--socket={_folder["munge.socket"]}",
            $"--pid-file={_folder["munged.pid"]}", $"--log-file={_folder["munged.log"]}", $"--seed-file={_folder["munge.seed"]}");
        await TimeLimit.Until(() => File.Exists(_folder["munge.socket"]), "munged listens");
        Start("slurmctld", "-D", "-f", configuration);
        for (int i = 1; i <= Nodes; i++) Start("slurmd", "-D", "-N", FormattableString.Invariant($"node{i}"), "-f", configuration);
        while (!await AreIdleAsync())
        {
            Assert.DoesNotContain(_daemons, d => d.HasExited);
            await Task.Delay(300);
        }
    }

    private async Task<bool> AreIdleAsync()
    {
        ProgramResult nodes = await CallAsync("scontrol", _environment, "show", "nodes", "--oneliner");
        return nodes.Output.Count(l => l.Contains("State=IDLE ", StringComparison.Ordinal)) == Nodes;
    }

    // No cgroups: they belong to the machine.
    private string Configuration(string[] ports)
    {
        string host = Environment.MachineName, user = Environment.UserName;
        IEnumerable<string> nodes = Enumerable.Range(1, Nodes).Select(
            i => FormattableString.Invariant($"NodeName=node{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[i]} CPUs=1"));
        return $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={ports[0]}
            AuthType=auth/munge
            AuthInfo=socket={_folder["munge.socket"]}
            CredType=cred/munge
            SlurmUser={user}
            SlurmdUser={user}
            StateSaveLocation={_folder["state"]}
            SlurmdSpoolDir={_folder["spool"]}/%n
            SlurmctldPidFile={_folder["slurmctld.pid"]}
            SlurmdPidFile={_folder.Path}/slurmd-%n.pid
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            SelectType=select/linear
            SchedulerType=sched/builtin
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/none
            JobCompType=jobcomp/none
            ReturnToService=2
            SlurmdParameters=config_overrides
            {string.Join('\n', nodes)}
            PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP

            """;
    }

    private void Start(string program, params string[] arguments) =>
        _daemons.Add(new ProgramProcess(Find(program)!, arguments, _environment, _folder.Path));

    private async Task<ProgramResult> CallAsync(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var call = new ProgramProcess(Find(program)!, arguments, environment, _folder.Path);
        return await call.ExitAsync();
    }

    private static string? Find(string program) => Programs.OnPath(program);
}
