using System.Reflection;

namespace RawEcho.Packages.Tests.Support;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.TrimEndingDirectorySeparator(Metadata("RepositoryRoot"));

    /// <summary>Debug or Release: what the tests were built in is what they pack.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>The version that all of it was built with; git may be a commit ahead by now.</summary>
    public static string Version { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static string File(string name) => Path.Combine(Root, name);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
