using System.Reflection;

namespace RawEcho.Benchmarks;

/// <summary>Where things lie.</summary>
internal sealed class Layout
{
    /// <param name="output">Where the reports go; null for artifacts/bench.</param>
    public Layout(string? output)
    {
        Root = typeof(Layout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
        Programs = Environment.GetEnvironmentVariable("RAWECHO_OUT") ?? Path.Combine(Root, "out");
        Sources = Path.Combine(Root, "tests");
        Output = Path.GetFullPath(output ?? Path.Combine(Root, "artifacts", "bench"));
        Built = Path.Combine(Root, "artifacts", "bench", "built");
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(Built);
    }

    public string Root { get; }

    /// <summary>The published programs: out/, or the environment variable RAWECHO_OUT.</summary>
    public string Programs { get; }

    /// <summary>The native executables, out/native; they are not always built.</summary>
    public string NativePrograms => Path.Combine(Root, "out", "native");

    /// <summary>The folder with the sources of the peers (Peers) and of the load generator (Benchmarks/load).</summary>
    public string Sources { get; }

    /// <summary>Peers and load generator, built.</summary>
    public string Built { get; }

    /// <summary>The reports.</summary>
    public string Output { get; }

    /// <summary>A program as a native executable; null when it was not built.</summary>
    public string? NativeProgram(string name) => Path.Combine(NativePrograms, name) is var path && File.Exists(path) ? path : null;

    /// <exception cref="BenchFailure">It was not built.</exception>
    public string Program(string name)
    {
        string path = Path.Combine(Programs, name);
        return File.Exists(path) ? path : throw new BenchFailure($"{path} is missing: run ./build.sh first.");
    }
}
