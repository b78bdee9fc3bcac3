namespace RawEcho.Benchmarks.Processes;

/// <summary>How a tool ended and what it said.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The first line that tells of an error, or that tells anything.</summary>
    public string FirstLine
    {
        get
        {
            string[] lines = $"{Error}\n{Output}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.FirstOrDefault(l => l.Contains("error", StringComparison.OrdinalIgnoreCase))
                ?? lines.FirstOrDefault() ?? $"exit code {ExitCode}";
        }
    }
}

/// <summary>Runs compilers and the like to their end.</summary>
internal static class Tool
{
    /// <summary>The full path of a program on the PATH, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    public static async Task<ToolResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? directory = null,
        IReadOnlyDictionary<string, string>? environment = null,
        CancellationToken cancellation = default)
    {
        using var process = ChildProcess.Start(program, arguments, cores: null, directory, environment);
        string output = await process.Output.ReadToEndAsync(cancellation);
        int code = await process.WaitAsync(cancellation);
        return new ToolResult(code, output, process.Error);
    }
}
