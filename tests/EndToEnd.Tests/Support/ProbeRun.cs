using System.Text.Json;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>Runs of rawecho-client probe.</summary>
internal static class ProbeRun
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/probe.schema.json"));

    /// <summary>Probes with the good certificates.</summary>
    public static Task<ProgramResult> RunAsync(string server, Certificates certificates, params string[] more) =>
        RunAsync(["--server", server, .. certificates.ClientOptions, .. more]);

    /// <summary>Probes with exactly these arguments.</summary>
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using var client = new ProgramProcess(Programs.Client, ["probe", .. arguments]);
        ProgramResult result = await client.ExitAsync();
        return result;
    }

    /// <summary>Probes for JSON, sees to it that it is what the schema promises, and reads it.</summary>
    public static async Task<JsonElement> RunForJsonAsync(params string[] arguments)
    {
        ProgramResult result = await RunAsync([.. arguments, "--json"]);
        string text = string.Join('\n', result.Output);
        Schema.AssertValid(text);
        JsonElement report = JsonDocument.Parse(text).RootElement;
        Assert.Equal(result.ExitCode, report.GetProperty("exitCode").GetInt32());
        return report;
    }

    /// <summary>Fails the test unless the report has an error whose sentence holds all parts.</summary>
    public static ProgramResult WithFinding(this ProgramResult result, params string[] parts)
    {
        Assert.Empty(result.Errors);
        return result.WithOutput(["ERROR: ", .. parts]);
    }

    /// <summary>Fails the test unless the line of a label holds all parts.</summary>
    public static ProgramResult WithFact(this ProgramResult result, string label, params string[] parts)
    {
        bool said = result.Output.Any(l => l.TrimStart().StartsWith($"{label} ", StringComparison.Ordinal)
            && parts.All(p => l.Contains(p, StringComparison.Ordinal)));
        Assert.True(
            said,
            $"No line '{label}' with {string.Join(" and ", parts)}:{Environment.NewLine}{string.Join(Environment.NewLine, result.Output)}");
        return result;
    }
}
