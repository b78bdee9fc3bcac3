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

    /// <summary>Runs a client with exactly these arguments to its end.</summary>
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using var client = new ProgramProcess(Programs.Client, arguments);
        return await client.ExitAsync();
    }
}
