using System.Text.Json;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Client.Http.Tests.Support;

/// <summary>Runs of probe inside this process, as text and as JSON that its schema allows.</summary>
internal static class ProbeOutcome
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/probe.schema.json"));

    /// <summary>Probes, and holds if it ended so.</summary>
    public static async Task<string> TextAsync(int exitCode, params string[] arguments) =>
        (await ClientRun.RunAsync(["probe", .. arguments])).EndedWith(exitCode).Output;

    /// <summary>Probes for JSON.</summary>
    public static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        ClientRun run = await ClientRun.RunAsync(["probe", "--json", .. arguments]);
        Assert.True(run.Output.Length > 0, run.Errors);
        Schema.AssertValid(run.Output);
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(run.ExitCode, report.GetProperty("exitCode").GetInt32());
        return report;
    }
}
