using System.Runtime.InteropServices;
using System.Text.Json;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>Runs of rawecho-client.</summary>
internal static class LoadRun
{
    /// <summary>In the line in which a client tells, once a second, how far its run is.</summary>
    public const string UnderWay = " round trips, ";

    /// <summary>Starts a client with the good certificates.</summary>
    public static ProgramProcess Start(string server, Certificates certificates, params string[] more) =>
        new(Programs.Client, ["--server", server, .. certificates.ClientOptions, .. more]);

    /// <summary>Runs a client with the good certificates to its end.</summary>
    public static Task<ProgramResult> RunAsync(string server, Certificates certificates, params string[] more) =>
        RunAsync(["--server", server, .. certificates.ClientOptions, .. more]);

    /// <summary>
    /// Stops a client that was started with --reconnect and --json, while servers were replaced: each message that it has sent was echoed,
    /// it was refused nowhere, and no connection ended but in order.
    /// </summary>
    public static async Task StopWithoutLossAsync(ProgramProcess client)
    {
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult ended = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        JsonElement result = JsonDocument.Parse(string.Join('\n', ended.Output)).RootElement;
        Assert.True(result.GetProperty("roundTrips").GetInt64() > 100, $"{ended}");
        Assert.True(result.GetProperty("unanswered").GetInt64() == 0, $"{ended}");
        Assert.Equal(0, result.GetProperty("mismatches").GetInt64());
        Assert.All(
            result.GetProperty("errors").EnumerateArray(), e => Assert.Equal("closed by the server", e.GetProperty("kind").GetString()));
    }

    /// <summary>Runs a client with exactly these arguments to its end.</summary>
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using var client = new ProgramProcess(Programs.Client, arguments);
        return await client.ExitAsync();
    }
}
