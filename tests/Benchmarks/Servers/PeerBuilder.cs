using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks.Servers;

/// <summary>Builds the peers and the load generator from their sources, with the compilers that are here.</summary>
internal sealed class PeerBuilder(Layout layout, CancellationToken cancellation)
{
    /// <summary>Builds all C files of some folders into one program.</summary>
    /// <param name="name">The program's.</param>
    /// <param name="folders">Under tests/.</param>
    /// <param name="libraries">Options for the linker, besides those for OpenSSL.</param>
    /// <returns>The program, or the reason why there is none.</returns>
    public Task<(string? Program, string? Reason)> BuildCAsync(string name, string[] folders, params string[] libraries)
    {
        string program = Path.Combine(layout.Built, name);
        IEnumerable<string> sources = folders.SelectMany(f => Directory.GetFiles(Path.Combine(layout.Sources, f), "*.c"));
        string[] arguments =
        [
            "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o", program, .. sources, "-lssl", "-lcrypto", "-lm", .. libraries,
        ];
        return BuildAsync("gcc", arguments, program);
    }

    /// <summary>Builds a load generator, without which nothing can be measured.</summary>
    /// <param name="name">The program's.</param>
    /// <param name="folders">Under tests/.</param>
    /// <param name="packages">What Debian calls the headers that it needs.</param>
    /// <param name="libraries">Options for the linker, besides those for OpenSSL.</param>
    /// <exception cref="BenchFailure">It cannot be built here.</exception>
    public async Task<string> BuildGeneratorAsync(string name, string[] folders, string packages, params string[] libraries)
    {
        (string? program, string? reason) = await BuildCAsync(name, folders, libraries);
        return program ?? throw new BenchFailure(
            $"the load generator is written in C and needs more than is here (Debian: apt-get install gcc {packages}): {reason}.");
    }

    public Task<(string? Program, string? Reason)> BuildGoAsync(string folder, string name)
    {
        string program = Path.Combine(layout.Built, name);
        // Needs nothing but the standard library, so nothing may be fetched: no module, no newer compiler.
        var environment = new Dictionary<string, string> { ["GOFLAGS"] = "-mod=mod", ["GOTOOLCHAIN"] = "local", ["GOPROXY"] = "off" };
        return BuildAsync("go", ["build", "-o", program, "."], program, Path.Combine(layout.Sources, folder), environment);
    }

    public Task<(string? Program, string? Reason)> BuildDotnetAsync(string folder, string name)
    {
        string output = Path.Combine(layout.Built, name);
        string[] arguments =
        [
            "publish", Path.Combine(layout.Sources, folder), "-c", "Release", "-o", output,
            "--artifacts-path", Path.Combine(layout.Built, "obj"),
            "-v:q", "--nologo", "-tl:off", "-nr:false",
        ];
        return BuildAsync("dotnet", arguments, Path.Combine(output, name));
    }

    private async Task<(string? Program, string? Reason)> BuildAsync(
        string tool, string[] arguments, string program, string? directory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (Tool.Find(tool) is null) return (null, $"'{tool}' is not on the PATH");
        ToolResult result = await Tool.RunAsync(tool, arguments, directory, environment, cancellation);
        return result.ExitCode == 0 ? (program, null) : (null, $"'{tool}' cannot build it: {result.FirstLine}");
    }
}
