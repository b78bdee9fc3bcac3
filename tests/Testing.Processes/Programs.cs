using System.Reflection;

namespace RawEcho.Testing.Processes;

/// <summary>Where the programs under test lie, and those of other makers that the tests set against them.</summary>
public static class Programs
{
    // RAWECHO_OUT tests a build that lies elsewhere.
    private static readonly string Out = Environment.GetEnvironmentVariable("RAWECHO_OUT") is { Length: > 0 } elsewhere
        ? elsewhere
        : Path.Combine(RepositoryRoot(), "out");

    public static string Server => Own("rawecho-server");

    public static string Client => Own("rawecho-client");

    public static string Diagnostics => Own("rawecho-diagnostics");

    public static string Certs => Own("rawecho-certs");

    public static string? OpenSsl { get; } = OnPath("openssl");

    public static string? Python { get; } = OnPath("python3");

    public static string? Bash { get; } = OnPath("bash");

    public static string? Zsh { get; } = OnPath("zsh");

    public static string? Fish { get; } = OnPath("fish");

    public static string? Unshare { get; } = OnPath("unshare");

    public static string? NsEnter { get; } = OnPath("nsenter");

    public static string? Ip { get; } = OnPath("ip");

    public static string? Gcc { get; } = OnPath("gcc");

    /// <summary>Where the programs under test lie.</summary>
    public static string Folder => Path.GetFullPath(Out);

    /// <summary>They are native executables: no assembly lies beside them.</summary>
    public static bool IsNative => !File.Exists(Path.Combine(Out, "rawecho-server.dll"));

    /// <summary>A file of the repository.</summary>
    public static string InRepository(string file) => Path.Combine(RepositoryRoot(), file);

    private static string Own(string name)
    {
        string path = Path.Combine(Out, WithSuffix(name));
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run ./build.sh first.");
    }

    /// <summary>Where a program lies; null where there is none of that name.</summary>
    public static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, WithSuffix(name)))
        .FirstOrDefault(File.Exists);

    private static string WithSuffix(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;

    private static string RepositoryRoot() => typeof(Programs).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;
}
