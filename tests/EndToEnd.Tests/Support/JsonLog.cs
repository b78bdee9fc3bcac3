using System.Text.Json;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>The log of a server with --log-format json.</summary>
internal static class JsonLog
{
    /// <summary>Waits for an event that has an address, and returns that: listening, serving-http, serving-admin.</summary>
    public static async Task<string> AddressAsync(ProgramProcess server, string happened)
    {
        string line = await server.WaitForLineAsync($"\"event\":\"{happened}\"");
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("address").GetString()!;
    }
}
