using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks.Servers;

/// <summary>Builds the peers and the load generator from their sources, with the compilers that are here.</summary>
internal sealed class PeerBuilder(Layout layout, CancellationToken cancellation)
{
    /// <summary>Builds all C files of a folder into one program.</summary>
    /// <returns>The program, or the reason why there is none.</returns>
    public Task<(string? Program, string? Reason)> BuildCAsync(string folder, string name)
    {
        string program = Path.Combine(layout.Built, name);
        string[] sources = Directory.GetFiles(Path.Combine(layout.Sources, folder), "*.c");
        string[] arguments =
            ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o", program, .. sources, "-lssl", "-lcrypto", "-lm"];
        return BuildAsync("gcc", arguments, program);
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
