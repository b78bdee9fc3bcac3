using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>A load from several nodes of the real Slurm, by the script of deploy/slurm.</summary>
public sealed class SlurmTests(Certificates certificates)
{
    private const int Members = 3;
    private static readonly string Script = Programs.InRepository("deploy/slurm/rawecho-load.sbatch");
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Fact]
    public async Task A_job_makes_one_load_from_all_its_nodes()
    {
        await using SlurmCluster cluster = await SlurmCluster.StartAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string results = cluster.Folder["results"];
        int code = await cluster.RunAsync(Environment(Programs.Client, results), Arguments(server));
        string log = await LogAsync(cluster);
        Assert.True(code == Exit.Success, log);
        Assert.Contains("Fleet: 3 of 3 members, 7 of 7 clients", log, StringComparison.Ordinal);
        string json = await File.ReadAllTextAsync(Path.Combine(results, "merged.json"));
        Schema.AssertValid(json);
        using JsonDocument merged = JsonDocument.Parse(json);
        Assert.Equal(300, merged.RootElement.GetProperty("roundTrips").GetInt64());
        Assert.Equal(Members, merged.RootElement.GetProperty("merged").GetArrayLength());
        Assert.True(File.Exists(Path.Combine(results, "merged.html")));
        (await server.StopAsync()).WithOutput("Handshakes: 7 done, 0 failed");
    }

    [Fact]
    public async Task A_job_of_which_one_member_fails_names_it_and_loses_nothing()
    {
        await using SlurmCluster cluster = await SlurmCluster.StartAsync();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string results = cluster.Folder["results"];
        string client = cluster.Folder.Write("client", $$"""
            #!/bin/bash
            if [[ "$*" == *' --fleet 2/3 '* ]]; then echo 'rawecho-client: it failed.' >&2; exit 4; fi
            exec {{Programs.Client}} "$@"

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(client, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        int code = await cluster.RunAsync(Environment(client, results), Arguments(server));
        string log = await LogAsync(cluster);
        Assert.True(code == Exit.Fleet, log);
        Assert.Contains("Member 2 failed (4 on node2): rawecho-client: it failed.", log, StringComparison.Ordinal);
        Assert.Contains("rawecho-client: Member 2 of 3 is missing.", log, StringComparison.Ordinal);
        string[] others = [Path.Combine(results, "member-1.json"), Path.Combine(results, "member-3.json")];
        (await LoadRun.RunAsync(["merge", "--partial", .. others])).EndedWith(Exit.Success).WithOutput("Fleet: 2 of 3 members");
        await server.StopAsync();
    }

    private string[] Arguments(RunningServer server) =>
    [
        "--nodes", "3", Script, "--server", server.Address, .. certificates.ClientOptions, "--clients", "7", "--rate", "200",
        "--messages", "300", "--warmup", "3s",
    ];

    private static Dictionary<string, string> Environment(string client, string results) =>
        new() { ["CLIENT"] = client, ["RESULTS"] = results, ["LEAD"] = "8" };

    private static async Task<string> LogAsync(SlurmCluster cluster) =>
        await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(cluster.Folder.Path, "rawecho-load-*.log")));
}
