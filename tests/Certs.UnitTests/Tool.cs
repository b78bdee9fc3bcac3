using System.Diagnostics;

namespace RawEcho.Certs.UnitTests;

/// <summary>What one run of the program said.</summary>
internal sealed record Run(int ExitCode, string Output, string Error)
{
    public string[] Problems => [.. Output.Split('\n').Where(l => l.StartsWith("PROBLEM: ", StringComparison.Ordinal))];
}

/// <summary>Runs the built program as a user does: exit codes and the absence of stack traces are only there to be seen.</summary>
internal static class Tool
{
    // Only ends a run that hangs; no test looks at how long one takes.
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(2);

    public static Task<Run> RunAsync(params string[] args) => RunAsync([], args);

    public static async Task<Run> RunAsync(Dictionary<string, string> environment, params string[] args)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "rawecho-certs.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Hung);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new Run(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
