using System.Globalization;
using System.Runtime.InteropServices;
using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks;

/// <summary>Where and when a run was made: no figure means anything without it.</summary>
internal sealed record Machine(
    string Cpu, int CoreCount, string Cores, string Kernel, string Dotnet, string OpenSsl, string Go, DateTimeOffset Date)
{
    public static async Task<Machine> DescribeAsync(Cores cores, CancellationToken cancellation) => new(
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        cores.Description,
        Environment.OSVersion.Version.ToString(),
        RuntimeInformation.FrameworkDescription,
        await VersionAsync("openssl", "version", cancellation),
        await VersionAsync("go", "version", cancellation),
        DateTimeOffset.UtcNow);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cpu}, {CoreCount} cores ({Cores}); Linux {Kernel}; {Dotnet}; {OpenSsl}; {Go}; {Date:yyyy-MM-dd HH:mm} UTC");

    private static async Task<string> VersionAsync(string tool, string argument, CancellationToken cancellation)
    {
        if (Tool.Find(tool) is null) return $"no {tool}";
        ToolResult result = await Tool.RunAsync(tool, [argument], cancellation: cancellation);
        return result.Output.Split(['\n', '('])[0].Trim();
    }
}
