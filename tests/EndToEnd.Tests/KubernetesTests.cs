using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using k8s.Models;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What the pods of deploy/kubernetes run, run here: the commands of the manifests, with folders for their volumes.</summary>
public sealed class KubernetesTests(Certificates certificates) : IDisposable
{
    // Of all members together.
    private const int Clients = 8;

    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_server_of_the_Deployment_answers_its_probes_and_goes_on_accepting_while_the_Service_forgets_it()
    {
        Requires.Linux("links of directories");
        V1Container container = KubernetesManifests.Single<V1Deployment>("server").Spec.Template.Spec.Containers.Single();
        await using ProgramProcess server = new LocalContainer(container)
        {
            Volumes = new Dictionary<string, string> { ["tls"] = await SecretAsync(certificates.Server), ["tmp"] = _folder.Path },
            Instead = { [":7443"] = "127.0.0.1:0", [":9090"] = "127.0.0.1:0" },
        }.Start();
        var address = IPEndPoint.Parse(await JsonLog.AddressAsync(server, "listening"));
        using var admin = new HttpClient { BaseAddress = new Uri(await JsonLog.AddressAsync(server, "serving-admin")) };
        await server.WaitForLineAsync("\"event\":\"started\"");
        V1Probe[] probes = [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];
        foreach (V1Probe probe in probes) Assert.Equal(HttpStatusCode.OK, await AskAsync(probe));
        await EchoAsync(address);

        // As the kubelet does when the pod is deleted; other nodes may not know of it yet.
        server.Signal(PosixSignal.SIGTERM);
        await server.WaitForLineAsync("\"event\":\"unready\"");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(container.ReadinessProbe));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(container.LivenessProbe));
        await EchoAsync(address);
        (await server.ExitAsync()).EndedWith(Exit.Success).WithOutput("\"event\":\"stopped\"");

        async Task<HttpStatusCode> AskAsync(V1Probe probe)
        {
            using HttpResponseMessage answer = await admin.GetAsync(probe.HttpGet.Path, Stop);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_members_of_the_load_Job_measure_together_and_the_merge_Job_makes_one_result_of_theirs()
    {
        Requires.Linux("links of directories");
        V1Job load = KubernetesManifests.Single<V1Job>("load"), merge = KubernetesManifests.Single<V1Job>("merge");
        var volumes = new Dictionary<string, string> { ["tls"] = await SecretAsync(certificates.Client), ["results"] = _folder.Path };
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        DateTimeOffset start = DateTimeOffset.UtcNow.AddSeconds(15);
        ProgramProcess[] members = [.. Enumerable.Range(0, load.Spec.Completions!.Value).Select(StartMember)];
        try
        {
            foreach (ProgramProcess member in members) (await member.ExitAsync()).EndedWith(Exit.Success);
        }
        finally
        {
            foreach (ProgramProcess member in members) await member.DisposeAsync();
        }

        await using ProgramProcess merging = new LocalContainer(merge.Spec.Template.Spec.Containers.Single()) { Volumes = volumes }.Start();
        ProgramResult merged = (await merging.ExitAsync()).EndedWith(Exit.Success);
        Assert.Equal(members.Length, merged.Count("Merged: "));
        Assert.Equal(Clients, merged.Number("Clients"));
        Assert.DoesNotContain(merged.Errors, l => l.Contains("WARNING", StringComparison.Ordinal));
        await server.StopAsync();

        ProgramProcess StartMember(int index) => new LocalContainer(load.Spec.Template.Spec.Containers.Single())
        {
            Volumes = volumes,
            Environment = new(KubernetesManifests.ConfigMapsOf("load")["rawecho-load"])
            {
                ["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture),
                ["RAWECHO_SERVER"] = server.Address,
                ["RAWECHO_CLIENTS"] = Clients.ToString(CultureInfo.InvariantCulture),
                ["RAWECHO_DURATION"] = "1s",
                ["RAWECHO_START_AT"] = start.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            },
        }.Start();
    }

    private async Task<string> SecretAsync(PemFiles own)
    {
        string folder = Directory.CreateDirectory(_folder["secret"]).FullName;
        await new SecretVolume(folder).WriteAsync(own, certificates.Ca);
        return folder;
    }

    private async Task EchoAsync(IPEndPoint server)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, Stop);
        await using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(certificates.AsClient(), Stop).WithinLimit();
        byte[] message = "ping"u8.ToArray(), answer = new byte[4];
        await stream.WriteAsync(message, Stop);
        await stream.ReadExactlyAsync(answer, Stop).WithinLimit();
        Assert.Equal(message, answer);
    }
}
