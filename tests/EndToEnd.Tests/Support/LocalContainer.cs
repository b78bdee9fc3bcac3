using k8s.Models;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>The container of a manifest as a process on this machine, started as the kubelet would: its volumes are folders here.</summary>
internal sealed record LocalContainer(V1Container Container)
{
    /// <summary>Where the volumes are, by name.</summary>
    public required IReadOnlyDictionary<string, string> Volumes { get; init; }

    /// <summary>Variables that Kubernetes sets.</summary>
    public Dictionary<string, string> Environment { get; init; } = [];

    /// <summary>Words of the command line that must be others here, such as ports.</summary>
    public Dictionary<string, string> Instead { get; init; } = [];

    public ProgramProcess Start()
    {
        string program = Assert.Single(Container.Command);
        return new ProgramProcess(Path.Combine(Programs.Folder, program), Container.Args.Select(Expand), Environment);
    }

    private string Expand(string word)
    {
        if (Instead.TryGetValue(word, out string? other)) return other;
        foreach ((string name, string value) in Environment) word = word.Replace($"$({name})", value, StringComparison.Ordinal);
        Assert.DoesNotContain("$(", word, StringComparison.Ordinal);
        foreach (V1VolumeMount mount in Container.VolumeMounts)
        {
            if (word.StartsWith($"{mount.MountPath}/", StringComparison.Ordinal))
                return Volumes[mount.Name] + word[mount.MountPath.Length..];
        }

        return word;
    }
}
