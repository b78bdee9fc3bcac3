using System.Globalization;
using k8s;
using k8s.Models;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>deploy/kubernetes: the API knows every field of every manifest, and what they say of each other is true.</summary>
public sealed class KubernetesManifestTests
{
    private const string User = "65532";

    private static readonly V1Deployment Server = KubernetesManifests.Single<V1Deployment>("server");
    private static readonly V1Container ServerContainer = Server.Spec.Template.Spec.Containers.Single();

    private static IEnumerable<DocumentBlock> Blocks => Document.BlocksOf(File.ReadAllText(Programs.InRepository("docs/fleet.md")));

    [Fact]
    public void Every_manifest_has_only_what_the_API_knows_and_every_kustomization_lists_the_files_beside_it()
    {
        Assert.Equal(
            KubernetesManifests.Folders,
            Directory.EnumerateDirectories(Programs.InRepository("deploy/kubernetes")).Select(d => Path.GetFileName(d)).Order());
        foreach (string folder in KubernetesManifests.Folders)
        {
            Assert.Equal(KubernetesManifests.FilesOf(folder), KubernetesManifests.KustomizationOf(folder).Resources);
            string[] names = [.. KubernetesManifests.ResourcesOf(folder).Select(NameOf)];
            Assert.NotEmpty(names);
            Assert.Equal(names.Distinct(), names);
        }
    }

    [Theory]
    [InlineData("server/deployment.yaml", "readOnlyRootFilesystem", "readonlyRootFilesystem")]
    [InlineData("server/deployment.yaml", "fsGroup: 65532", "fsGroup: 65532\n        fsGroup: 65533")]
    [InlineData("server/networkpolicy.yaml", "- port: tls", "- name: tls")]
    [InlineData("load/job.yaml", "backoffLimitPerIndex", "backOffLimitPerIndex")]
    [InlineData("load/kustomization.yaml", "literals", "literal")]
    [InlineData("cert-manager/certificates.yaml", "dnsNames", "dnsName")]
    public void A_field_that_is_misspelt_or_there_twice_is_an_error(string file, string right, string wrong)
    {
        string text = File.ReadAllText(KubernetesManifests.PathOf(file));
        Assert.NotEmpty(KubernetesManifests.Parse(text));
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => KubernetesManifests.Parse(text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_pod_is_nobodys_and_can_do_nothing_but_its_work()
    {
        foreach ((string owner, V1PodSpec pod) in KubernetesManifests.Pods)
        {
            V1Container container = Assert.Single(pod.Containers);
            Assert.Equal("rawecho", container.Image);
            Assert.Equal((false, false), (pod.AutomountServiceAccountToken, pod.EnableServiceLinks));
            V1PodSecurityContext ofPod = pod.SecurityContext;
            Assert.Equal((true, "RuntimeDefault"), (ofPod.RunAsNonRoot, ofPod.SeccompProfile.Type));
            long user = long.Parse(User, CultureInfo.InvariantCulture);
            Assert.Equal((user, user, user), (ofPod.RunAsUser, ofPod.RunAsGroup, ofPod.FsGroup));
            V1SecurityContext own = container.SecurityContext;
            Assert.Equal((false, true), (own.AllowPrivilegeEscalation, own.ReadOnlyRootFilesystem));
            Assert.Equal(["ALL"], own.Capabilities.Drop);
            Assert.All((string[])["cpu", "memory"], r => Assert.Contains(r, container.Resources.Requests.Keys));
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.True(pod.Volumes.Select(v => v.Name).ToHashSet().SetEquals(container.VolumeMounts.Select(m => m.Name)), owner);
            // What is mounted in place of a folder changes with the Secret; a single file would not.
            Assert.All(container.VolumeMounts, m => Assert.Null(m.SubPath));
            // The owner is root, and the group that of the pod: 0440.
            Assert.All(pod.Volumes.Where(v => v.Secret is not null), v => Assert.Equal(0b100_100_000, v.Secret.DefaultMode));
        }

        string containerfile = File.ReadAllText(Programs.InRepository("deploy/container/Containerfile"));
        Assert.Contains($"USER {User}:{User}", containerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void What_names_something_else_names_what_is_there()
    {
        IDictionary<string, string> labels = Server.Spec.Template.Metadata.Labels;
        string[] ports = [.. ServerContainer.Ports.Select(p => p.Name)];
        V1Service service = KubernetesManifests.Single<V1Service>("server");
        V1NetworkPolicy policy = KubernetesManifests.Single<V1NetworkPolicy>("server");
        IDictionary<string, string>[] selectors =
        [
            Server.Spec.Selector.MatchLabels, service.Spec.Selector, policy.Spec.PodSelector.MatchLabels,
            KubernetesManifests.Single<V1PodDisruptionBudget>("server").Spec.Selector.MatchLabels,
        ];
        Assert.All(selectors, s => Assert.True(s.Count > 0 && s.All(l => labels.Contains(l))));
        Assert.All(service.Spec.Ports, p => Assert.Contains(p.TargetPort.Value, ports));
        Assert.All(policy.Spec.Ingress.SelectMany(i => i.Ports), p => Assert.Contains(p.Port.Value, ports));
        V1Probe[] probes = [ServerContainer.StartupProbe, ServerContainer.LivenessProbe, ServerContainer.ReadinessProbe];
        Assert.All(probes, p => Assert.Equal("admin", p.HttpGet.Port.Value));
        Assert.Equal(["/healthz", "/healthz", "/readyz"], probes.Select(p => p.HttpGet.Path));
        Assert.Equal(Server.Spec.Template.Spec.ServiceAccountName, KubernetesManifests.Single<V1ServiceAccount>("server").Metadata.Name);
        foreach ((string name, string option) in (ReadOnlySpan<(string, string)>)[("tls", "--listen"), ("admin", "--admin")])
            Assert.Equal($":{ServerContainer.Ports.Single(p => p.Name == name).ContainerPort}", ValueOf(ServerContainer, option));

        // The name that clients dial is that of the Service, and of the server's certificate.
        string dialled = KubernetesManifests.ConfigMapsOf("load")["rawecho-load"]["RAWECHO_SERVER"];
        Assert.Equal($"{service.Metadata.Name}:{Assert.Single(service.Spec.Ports).Port}", dialled);
        object[] issued = [.. KubernetesManifests.ResourcesOf("cert-manager")];
        CertManagerCertificate[] certificates = [.. issued.OfType<CertManagerCertificate>()];
        Assert.Contains(service.Metadata.Name, certificates.Single(c => c.Metadata.Name == "rawecho-server").Spec.DnsNames);
        Assert.Equal(KubernetesManifests.SecretNames.Order(), certificates.Where(c => !c.Spec.IsCA).Select(c => c.Spec.SecretName).Order());
        string[] issuers = [.. issued.OfType<CertManagerIssuer>().Select(i => i.Metadata.Name)];
        Assert.All(certificates, c => Assert.Contains(c.Spec.IssuerRef.Name, issuers));
        string authority = certificates.Single(c => c.Spec.IsCA).Spec.SecretName;
        Assert.Single(issued.OfType<CertManagerIssuer>(), i => i.Spec.Ca?.SecretName == authority);
        string claim = KubernetesManifests.Single<V1PersistentVolumeClaim>("load").Metadata.Name;
        IEnumerable<V1Volume> volumes = KubernetesManifests.Pods.SelectMany(p => p.Pod.Volumes);
        Assert.All(volumes.Select(v => v.PersistentVolumeClaim?.ClaimName).OfType<string>(), c => Assert.Equal(claim, c));
        V1Container client = KubernetesManifests.Single<V1Job>("load").Spec.Template.Spec.Containers.Single();
        Assert.All(client.EnvFrom, e => Assert.Contains(e.ConfigMapRef.Name, KubernetesManifests.ConfigMapsOf("load").Keys));
    }

    [Fact]
    public void The_certificates_that_are_asked_for_are_such_as_the_programs_accept()
    {
        CertManagerCertificate[] certificates = [.. KubernetesManifests.ResourcesOf("cert-manager").OfType<CertManagerCertificate>()];
        Assert.Equal(["cert sign", "crl sign"], certificates.Single(c => c.Spec.IsCA).Spec.Usages);
        foreach ((string name, string purpose) in (ReadOnlySpan<(string, string)>)[("server", "server auth"), ("client", "client auth")])
        {
            CertManagerCertificateSpec spec = certificates.Single(c => c.Metadata.Name == $"rawecho-{name}").Spec;
            Assert.Equal(["digital signature", purpose], spec.Usages);
            Assert.Equal(("Always", "2160h", "720h"), (spec.PrivateKey.RotationPolicy, spec.Duration, spec.RenewBefore));
        }

        Assert.All(certificates, c => Assert.Equal(("ECDSA", 256), (c.Spec.PrivateKey.Algorithm, c.Spec.PrivateKey.Size)));
    }

    [Fact]
    public void The_kubelet_waits_until_the_server_has_drained_and_the_Service_knows_before_it_stops_accepting()
    {
        TimeSpan delay = Seconds("--drain-delay"), drain = Seconds("--drain-timeout");
        var grace = TimeSpan.FromSeconds(Server.Spec.Template.Spec.TerminationGracePeriodSeconds!.Value);
        Assert.True(grace >= delay + drain + TimeSpan.FromSeconds(5), "SIGKILL comes before the server has drained");
        V1Probe ready = ServerContainer.ReadinessProbe;
        var noticed = TimeSpan.FromSeconds((ready.PeriodSeconds!.Value * ready.FailureThreshold!.Value) + ready.TimeoutSeconds!.Value);
        Assert.True(delay > noticed + TimeSpan.FromSeconds(2), "who asks for readiness learns of the stop too late");
        // A preStop hook would keep SIGTERM, and with it the answer of /readyz, from the server.
        Assert.Null(ServerContainer.Lifecycle);

        TimeSpan Seconds(string option) =>
            TimeSpan.FromSeconds(int.Parse(ValueOf(ServerContainer, option).TrimEnd('s'), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_Jobs_agree_on_the_number_of_members_and_their_files()
    {
        V1Job load = KubernetesManifests.Single<V1Job>("load"), merge = KubernetesManifests.Single<V1Job>("merge");
        V1Container client = load.Spec.Template.Spec.Containers.Single();
        int members = load.Spec.Completions!.Value;
        Assert.Equal(("Indexed", members), (load.Spec.CompletionMode, load.Spec.Parallelism));
        Assert.Equal($"index:$(JOB_COMPLETION_INDEX)/{members}", ValueOf(client, "--fleet"));
        string file = ValueOf(client, "--json-lines");
        IEnumerable<string> files = Enumerable.Range(0, members)
            .Select(i => file.Replace("$(JOB_COMPLETION_INDEX)", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.Equal(files.Prepend("merge"), merge.Spec.Template.Spec.Containers.Single().Args);
        Assert.All((V1Job[])[load, merge], j => Assert.Equal("Never", j.Spec.Template.Spec.RestartPolicy));
        // A member that fails must not end the others, and what is merged again is the same again.
        Assert.Equal((0, null, 0), (load.Spec.BackoffLimitPerIndex, load.Spec.BackoffLimit, merge.Spec.BackoffLimit));
    }

    [Fact]
    public async Task Every_variable_in_a_ConfigMap_is_an_option_of_the_client()
    {
        await using var man = new ProgramProcess(Programs.Client, ["man"]);
        ProgramResult manual = (await man.ExitAsync()).EndedWith(Exit.Success);
        string page = string.Join('\n', manual.Output).Replace("\\-", "-", StringComparison.Ordinal);
        foreach (string variable in KubernetesManifests.ConfigMapsOf("load").Values.SelectMany(m => m.Keys))
        {
            Assert.StartsWith("RAWECHO_", variable, StringComparison.Ordinal);
            string option = variable["RAWECHO_".Length..].ToLowerInvariant().Replace('_', '-');
            Assert.Matches($@"--{option}\b", page);
        }
    }

    [Fact]
    public async Task Kubectl_makes_of_each_folder_what_stands_in_it()
    {
        Assert.SkipWhen(Programs.OnPath("kubectl") is null, "There is no kubectl on this machine.");
        foreach (string folder in KubernetesManifests.Folders)
        {
            ProgramResult built = (await KubectlAsync("kustomize", KubernetesManifests.PathOf(folder))).EndedWith(Exit.Success);
            IReadOnlyList<object> made = KubernetesManifests.Parse(string.Join('\n', built.Output));
            IEnumerable<string> maps = KubernetesManifests.ConfigMapsOf(folder).Keys.Select(n => $"ConfigMap {n}");
            Assert.Equal(
                KubernetesManifests.ResourcesOf(folder).Select(NameOf).Concat(maps).Order(), made.Select(NameOf).Order());
            foreach (V1ConfigMap map in made.OfType<V1ConfigMap>())
                Assert.Equal(KubernetesManifests.ConfigMapsOf(folder)[map.Metadata.Name], map.Data);
        }
    }

    [Fact]
    public async Task The_overlay_of_the_document_names_an_image_and_settings()
    {
        string overlay = Blocks.Single(b => b.Text.StartsWith("# my/load/kustomization.yaml", StringComparison.Ordinal)).Text;
        Kustomization kustomization = Assert.IsType<Kustomization>(Assert.Single(KubernetesManifests.Parse(overlay)));
        KustomizeGenerator changed = Assert.Single(kustomization.ConfigMapGenerator!);
        Assert.Contains(changed.Name, KubernetesManifests.ConfigMapsOf("load").Keys);

        Assert.SkipWhen(Programs.OnPath("kubectl") is null, "There is no kubectl on this machine.");
        using var folder = new TempFolder();
        string my = Directory.CreateDirectory(folder["my/load"]).FullName, load = folder["deploy/kubernetes/load"];
        Directory.CreateDirectory(load);
        foreach (string file in Directory.GetFiles(KubernetesManifests.PathOf("load")))
            File.Copy(file, Path.Combine(load, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(my, "kustomization.yaml"), overlay);
        ProgramResult built = await KubectlAsync("kustomize", my);
        Assert.SkipWhen(built.Errors.Any(l => l.Contains("must be a file", StringComparison.Ordinal)), "This kubectl takes no folders.");
        IReadOnlyList<object> made = KubernetesManifests.Parse(string.Join('\n', built.EndedWith(Exit.Success).Output));
        Assert.Equal("registry.example/rawecho:0.1.0", made.OfType<V1Job>().Single().Spec.Template.Spec.Containers.Single().Image);
        IDictionary<string, string> settings = made.OfType<V1ConfigMap>().Single().Data;
        Assert.Equal("2026-11-28T12:00:00Z", settings["RAWECHO_START_AT"]);
        Assert.Equal("rawecho-server:7443", settings["RAWECHO_SERVER"]);
    }

    [Fact]
    public async Task The_commands_of_the_document_make_the_Secrets_that_the_pods_mount()
    {
        Assert.SkipWhen(Programs.OnPath("kubectl") is null, "There is no kubectl on this machine.");
        Requires.Linux("the commands are those of a Unix shell");
        const string test = nameof(The_commands_of_the_document_make_the_Secrets_that_the_pods_mount);
        DocumentBlock block = Blocks.Single(b => b.ValuesOf("run by").Any(v => v.EndsWith(test, StringComparison.Ordinal)));
        // Nothing is sent: there is no cluster.
        string commands = block.Text.Replace("$ ", string.Empty, StringComparison.Ordinal)
            .Replace("kubectl create", "echo ---; kubectl create --dry-run=client --output=yaml", StringComparison.Ordinal)
            .Replace("rawecho-certs create", $"{Programs.Certs} create >/dev/null", StringComparison.Ordinal);
        using var folder = new TempFolder();
        await using var shell = new ProgramProcess(Programs.Bash!, ["-ec", commands], folder: folder.Path);
        ProgramResult result = (await shell.ExitAsync()).EndedWith(Exit.Success);
        V1Secret[] secrets = [.. KubernetesManifests.Parse(string.Join('\n', result.Output)).Cast<V1Secret>()];
        Assert.All(secrets, s => Assert.Equal("kubernetes.io/tls", s.Type));
        Assert.Equal(KubernetesManifests.SecretNames.Order(), secrets.Select(s => s.Metadata.Name).Order());
        foreach (V1Container container in KubernetesManifests.Pods.Select(p => p.Pod.Containers.Single()))
        {
            IEnumerable<string> files = container.Args.Where(a => a.StartsWith("/etc/rawecho/", StringComparison.Ordinal));
            Assert.All(files, f => Assert.All(secrets, s => Assert.Contains(Path.GetFileName(f), s.Data.Keys)));
        }
    }

    private static async Task<ProgramResult> KubectlAsync(params string[] arguments)
    {
        await using var kubectl = new ProgramProcess(Programs.OnPath("kubectl")!, arguments);
        return await kubectl.ExitAsync();
    }

    private static string ValueOf(V1Container container, string option) => container.Args[container.Args.IndexOf(option) + 1];

    private static string NameOf(object resource) => resource switch
    {
        IKubernetesObject<V1ObjectMeta> known => $"{known.Kind} {known.Metadata.Name}",
        CertManagerCertificate certificate => $"{certificate.Kind} {certificate.Metadata.Name}",
        CertManagerIssuer issuer => $"{issuer.Kind} {issuer.Metadata.Name}",
        _ => throw new ArgumentException($"{resource.GetType()} has no name."),
    };
}
