using k8s;
using k8s.Models;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// The manifests of deploy/kubernetes, read strictly against the types of the API: a field that no type has and a key that is there twice
/// are errors, as they are for kubectl with --validate=strict.
/// </summary>
internal static class KubernetesManifests
{
    // What is no part of the API, and so not in the package.
    private static readonly Dictionary<string, Type> OtherTypes = new()
    {
        ["kustomize.config.k8s.io/v1beta1/Kustomization"] = typeof(Kustomization),
        ["cert-manager.io/v1/Certificate"] = typeof(CertManagerCertificate),
        ["cert-manager.io/v1/Issuer"] = typeof(CertManagerIssuer),
    };

    /// <summary>The folders that 'kubectl apply -k' takes.</summary>
    public static string[] Folders => ["cert-manager", "load", "merge", "server"];

    public static string PathOf(string folder) => Programs.InRepository($"deploy/kubernetes/{folder}");

    /// <summary>Reads a document, or several with --- between them.</summary>
    public static IReadOnlyList<object> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, OtherTypes, strict: true);

    /// <summary>The kustomization of a folder.</summary>
    public static Kustomization KustomizationOf(string folder) =>
        Assert.IsType<Kustomization>(Assert.Single(Parse(File.ReadAllText(Path.Combine(PathOf(folder), "kustomization.yaml")))));

    /// <summary>What the files of a folder declare, without its kustomization.</summary>
    public static IReadOnlyList<object> ResourcesOf(string folder) =>
        [.. FilesOf(folder).SelectMany(f => Parse(File.ReadAllText(Path.Combine(PathOf(folder), f))))];

    /// <summary>The names of those files.</summary>
    public static string[] FilesOf(string folder) =>
    [
        .. Directory.EnumerateFiles(PathOf(folder)).Select(f => Path.GetFileName(f)).Where(f => f != "kustomization.yaml")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The one resource of a type in a folder.</summary>
    public static T Single<T>(string folder) => ResourcesOf(folder).OfType<T>().Single();

    /// <summary>Every pod that the manifests make, with the name of what makes it.</summary>
    public static IEnumerable<(string Owner, V1PodSpec Pod)> Pods =>
    [
        ("server", Single<V1Deployment>("server").Spec.Template.Spec),
        ("load", Single<V1Job>("load").Spec.Template.Spec),
        ("merge", Single<V1Job>("merge").Spec.Template.Spec),
    ];

    /// <summary>The Secrets that they mount.</summary>
    public static IEnumerable<string> SecretNames =>
        Pods.SelectMany(p => p.Pod.Volumes).Select(v => v.Secret?.SecretName).OfType<string>();

    /// <summary>The ConfigMaps that kustomize makes of the literals of a folder: their names, and their values.</summary>
    public static Dictionary<string, Dictionary<string, string>> ConfigMapsOf(string folder) =>
        (KustomizationOf(folder).ConfigMapGenerator ?? []).ToDictionary(
            g => g.Name, g => g.Literals.Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]));
}
