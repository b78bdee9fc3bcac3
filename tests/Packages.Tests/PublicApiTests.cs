using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The commands of docs/packages.md for a change of the public API, in a copy of the library's sources.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public async Task The_commands_for_a_changed_API_write_the_file_that_is_there()
    {
        Requires.Linux("the commands are those of a Unix shell");
        await DotNet.RequireAsync();
        using var copy = new TempFolder();
        string[] files =
        [
            ".editorconfig", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "LICENSE",
            .. Directory.EnumerateFiles(Repository.File("Engine/Core"), "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(Repository.Root, f))
                .Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal)),
        ];
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy[file])!);
            File.Copy(Repository.File(file), copy[file]);
        }

        string document = await File.ReadAllTextAsync(Repository.File("docs/packages.md"), TestContext.Current.CancellationToken);
        string block = document.Split("```\n").Single(b => b.StartsWith("echo '#nullable", StringComparison.Ordinal));
        string[] commands = block.TrimEnd().Split('\n');
        Assert.StartsWith("dotnet ", commands[1], StringComparison.Ordinal);
        await using (var echo = new ProgramProcess(Programs.Bash!, ["-c", commands[0]], folder: copy.Path)) await echo.ExitAsync();
        const string api = "Engine/Core/PublicAPI.Unshipped.txt";
        Assert.NotEqual(await ReadAsync(Repository.File(api)), await ReadAsync(copy[api]));
        await DotNet.RunAsync(copy.Path, commands[1].Split(' ')[1..]);
        Assert.Equal(await ReadAsync(Repository.File(api)), await ReadAsync(copy[api]));
    }

    private static async Task<string> ReadAsync(string file) =>
        string.Join('\n', (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal));
}
