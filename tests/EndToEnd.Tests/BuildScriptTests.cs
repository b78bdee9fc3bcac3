using System.Text.RegularExpressions;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>build.cmd cannot be run here; that it knows what build.sh knows can be read in it.</summary>
public sealed partial class BuildScriptTests
{
    [Fact]
    public async Task Build_cmd_has_a_word_for_every_command_of_build_sh_and_a_label_for_every_jump()
    {
        string unix = await File.ReadAllTextAsync(Programs.InRepository("build.sh"));
        string windows = await File.ReadAllTextAsync(Programs.InRepository("build.cmd"));
        string[] commands = [.. CaseOfUnix().Matches(unix).Select(m => m.Groups[1].Value)];
        Assert.Contains("demo", commands);
        Assert.All(commands, c => Assert.Contains($"if /i \"%~1\"==\"{c}\" goto ", windows, StringComparison.Ordinal));
        string[] labels = [.. Label().Matches(windows).Select(m => m.Groups[1].Value)];
        Assert.All(Jump().Matches(windows), j => Assert.Contains(j.Groups[1].Value, labels));
        // cmd looks for labels in blocks of 512 bytes, and misses some in a file without carriage returns.
        Assert.All(windows.Split('\n')[..^1], l => Assert.EndsWith("\r", l, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^    (\w+)(?: \|[^)]*)?\)", RegexOptions.Multiline)]
    private static partial Regex CaseOfUnix();

    [GeneratedRegex(@"^:(\w+)", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"(?:goto |call :)(\w+)")]
    private static partial Regex Jump();
}
