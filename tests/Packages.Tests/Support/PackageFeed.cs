using System.Collections.Concurrent;
using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;

[assembly: AssemblyFixture(typeof(PackageFeed))]

namespace RawEcho.Packages.Tests.Support;

/// <summary>The six packages in a folder of their own, packed once for all tests, and the tools installed from it.</summary>
public sealed class PackageFeed : IDisposable
{
    public const string Engine = "RawEcho.Engine";
    public const string AspNetCore = "RawEcho.Engine.AspNetCore";

    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _tools = new();
    private readonly Lazy<Task> _packing;

    public PackageFeed() => _packing = new Lazy<Task>(PackAsync);

    public static IReadOnlyList<string> Tools { get; } = ["rawecho-server", "rawecho-client", "rawecho-diagnostics", "rawecho-certs"];

    /// <summary>The folder of the packages: a source for NuGet.</summary>
    public string Folder => Directory.CreateDirectory(_folder["feed"]).FullName;

    /// <summary>Waits until all are packed.</summary>
    public async Task ReadyAsync()
    {
        await DotNet.RequireAsync();
        await _packing.Value;
    }

    /// <summary>The file of a package.</summary>
    public async Task<string> FileAsync(string package)
    {
        await ReadyAsync();
        return Assert.Single(Directory.GetFiles(Folder, $"{package}.{Repository.Version}.nupkg"));
    }

    /// <summary>Installs a tool, once.</summary>
    /// <returns>The program.</returns>
    public Task<string> InstallAsync(string tool) => _tools.GetOrAdd(tool, t => new Lazy<Task<string>>(() => InstallToolAsync(t))).Value;

    public void Dispose() => _folder.Dispose();

    private Task PackAsync() => DotNet.RunAsync(
        Repository.Root, "pack", "RawEcho.sln", "--no-build", "--configuration", Repository.Configuration,
        "--output", Folder, "--verbosity", "quiet",
        $"-p:MinVerVersionOverride={Repository.Version}");

    private async Task<string> InstallToolAsync(string tool)
    {
        await ReadyAsync();
        string path = _folder[tool];
        // From this folder alone: a tool brings everything with it.
        await DotNet.RunAsync(
            _folder.Path, "tool", "install", tool, "--version", Repository.Version, "--tool-path", path, "--source", Folder);
        return Path.Combine(path, OperatingSystem.IsWindows() ? tool + ".exe" : tool);
    }
}
