using System.Diagnostics;

namespace RawEcho.Packages.Tests.Support;

/// <summary>The .NET SDK's command line.</summary>
internal static class DotNet
{
    // Only ends a command that hangs; no test looks at how long one takes.
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(5);
    private static readonly Lazy<Task<bool>> HasSdk = new(FindSdkAsync);

    /// <summary>Skips the test where there is no SDK. An SDK that cannot restore is no reason to skip.</summary>
    public static async Task RequireAsync() =>
        Assert.SkipUnless(await HasSdk.Value, "There is no .NET SDK on this machine that builds this repository.");

    /// <summary>Runs a command, and fails the test with all it said unless it succeeds.</summary>
    public static async Task RunAsync(string folder, params string[] arguments)
    {
        (int code, string said) = await StartAsync(folder, arguments);
        if (code == 0) return;
        bool isUnreachable = said.Contains("NU1101", StringComparison.Ordinal) || said.Contains("NU1301", StringComparison.Ordinal);
        string hint = isUnreachable ? "A package cannot be had from the package sources of this machine: " : string.Empty;
        Assert.Fail($"{hint}dotnet {string.Join(' ', arguments)} ended with {code}:{Environment.NewLine}{said}");
    }

    private static async Task<bool> FindSdkAsync()
    {
        try
        {
            return (await StartAsync(Repository.Root, "--version")).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Said)> StartAsync(string folder, params string[] arguments)
    {
        string program = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        // What outlives the command would hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Hung);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
