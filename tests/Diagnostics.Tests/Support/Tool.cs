using RawEcho.Testing.Processes;


namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>rawecho-diagnostics as a user runs it.</summary>
internal static class Tool
{
    public static ProgramProcess Start(params string[] arguments) => new(Programs.Diagnostics, arguments);

    public static ProgramProcess StartIn(string temporaryFolder, params string[] arguments) =>
        new(Programs.Diagnostics, arguments, new Dictionary<string, string> { ["TMPDIR"] = temporaryFolder });

    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using ProgramProcess process = Start(arguments);
        return await process.ExitAsync();
    }

    /// <summary>Whether plain output has a row.</summary>
    public static bool HasRow(this ProgramResult result, string title) => Find(result, title) is not null;

    /// <summary>
    /// The cells of a row in plain output: those behind its title, the first time it is there. Fails the test when it is not.
    /// </summary>
    public static string[] Row(this ProgramResult result, string title)
    {
        string[]? cells = Find(result, title);
        if (cells is null) Assert.Fail($"No row '{title}':{Environment.NewLine}{string.Join(Environment.NewLine, result.Output)}");
        return cells!;
    }

    private static string[]? Find(ProgramResult result, string title)
    {
        string head = $"  {title}  ";
        string? line = result.Output.FirstOrDefault(l => l.Contains(head, StringComparison.Ordinal));
        if (line is null) return null;
        string cells = line[(line.IndexOf(head, StringComparison.Ordinal) + head.Length)..];
        return cells.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
