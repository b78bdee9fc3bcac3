namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// What kustomize knows (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/), as far as it is used here.
/// </summary>
internal sealed class Kustomization
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public List<string> Resources { get; set; } = [];

    public List<KustomizeImage>? Images { get; set; }

    public KustomizeGeneratorOptions? GeneratorOptions { get; set; }

    public List<KustomizeGenerator>? ConfigMapGenerator { get; set; }
}

internal sealed class KustomizeImage
{
    public string Name { get; set; } = "";

    public string NewName { get; set; } = "";

    public string NewTag { get; set; } = "";
}

internal sealed class KustomizeGeneratorOptions
{
    public bool DisableNameSuffixHash { get; set; }
}

internal sealed class KustomizeGenerator
{
    public string Name { get; set; } = "";

    public string? Behavior { get; set; }

    public List<string> Literals { get; set; } = [];
}
