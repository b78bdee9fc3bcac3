using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests.Support;

/// <summary>Somebody who has the packages and not the repository: a folder with a program in it, and tools on the PATH.</summary>
/// <param name="feed">The packages.</param>
internal sealed class PackageUser(PackageFeed feed) : IDisposable
{
    private readonly Dictionary<string, string> _environment = [];

    public TempFolder Folder { get; } = new();

    /// <summary>Installs a tool, and puts it on the PATH.</summary>
    public async Task InstallAsync(string tool)
    {
        string folder = Path.GetDirectoryName(await feed.InstallAsync(tool))!;
        string path = _environment.GetValueOrDefault("PATH", Environment.GetEnvironmentVariable("PATH") ?? string.Empty);
        _environment["PATH"] = $"{folder}:{path}";
        // The diagnostics see the programs of this user, and no others.
        _environment["TMPDIR"] = Directory.CreateDirectory(Folder["tmp"]).FullName;
    }

    /// <summary>Starts a command as a shell does.</summary>
    public ProgramProcess Start(string command) =>
        new(Programs.Bash ?? "bash", ["-c", $"exec 2>&1; exec {command}"], _environment, Folder.Path);

    /// <summary>Runs a command, which must succeed.</summary>
    public async Task<ProgramResult> RunAsync(string command)
    {
        await using ProgramProcess process = Start(command);
        ProgramResult result = await process.ExitAsync();
        Assert.True(result.ExitCode == 0, $"{command} ended with {result.ExitCode}.\n{process}");
        return result;
    }

    /// <summary>
    /// Builds a program that references a package. The package sources are those of the machine and the feed, and the packages come to lie
    /// beside the project: this machine's store of packages neither lends one of another day nor keeps this one.
    /// </summary>
    /// <returns>The program.</returns>
    public async Task<string> BuildAsync(string name, string sdk, string package, string code)
    {
        Folder.Write("Program.cs", code);
        Folder.Write($"{name}.csproj", $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="[{Repository.Version}]" />
              </ItemGroup>
            </Project>
            """);
        Folder.Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <add key="packed-by-this-test" value="{feed.Folder}" />
              </packageSources>
            </configuration>
            """);
        await feed.ReadyAsync();
        await DotNet.RunAsync(Folder.Path, "build", "--output", "bin", "--verbosity", "quiet");
        return Folder[Path.Combine("bin", OperatingSystem.IsWindows() ? $"{name}.exe" : name)];
    }

    public void Dispose() => Folder.Dispose();
}
