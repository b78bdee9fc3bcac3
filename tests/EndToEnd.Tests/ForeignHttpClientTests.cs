using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// Clients of other makers against rawecho-server --http (tests/Peers/http), from the first request to the server's stop.
/// </summary>
public sealed partial class ForeignHttpClientTests(Certificates certificates)
{
    private const int Connections = 4;

    // The standard library alone: nothing may be fetched, a newer compiler least of all.
    private static readonly Dictionary<string, string> Offline =
        new() { ["GOFLAGS"] = "-mod=mod", ["GOPROXY"] = "off", ["GOTOOLCHAIN"] = "local" };

    public static TheoryData<string, string> All => new() { { "node", "1.1" }, { "node", "2" }, { "go", "1.1" }, { "go", "2" } };

    [Theory]
    [MemberData(nameof(All))]
    public async Task They_are_answered_and_SIGTERM_in_the_middle_of_their_load_costs_them_nothing(string maker, string version)
    {
        Requires.Signals();
        Assert.SkipWhen(Programs.OnPath(maker) is null, $"There is no {maker} on this machine.");
        using var folder = new TempFolder();
        (string program, string[] words) = maker == "go"
            ? (await BuildGoAsync(folder), [])
            : (Programs.OnPath("node")!, (string[])[Programs.InRepository("tests/Peers/http/node/client.mjs")]);
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions]);
        words =
        [
            .. words, server.Http.GetLeftPart(UriPartial.Authority), certificates.Ca, certificates.Client.Certificate,
            certificates.Client.Key, version, $"{Connections}",
        ];
        await using var client = new ProgramProcess(program, words);
        await client.WaitForLineAsync("ready");
        Assert.Contains("GET /: 200 Hello World", client.Lines);
        Assert.Contains("POST /echo: 200 equal", client.Lines);
        string http = version == "2" ? "HTTP/2" : "HTTP/1.1";
        Assert.Matches($"GET /connection: {http} TLS 1.3 .*CN=test client", client.Lines[2]);

        server.Process.Signal(PosixSignal.SIGTERM);
        await server.Process.WaitForLineAsync("draining");
        // The bodies of which the first half has been echoed.
        await client.TypeAsync("go on");
        Match summary = Summary().Match((await client.ExitAsync()).EndedWith(Exit.Success).Output[^1]);
        Assert.True(summary.Success, client.ToString());
        int answers = Number(summary, 1);
        Assert.Equal(Connections, Number(summary, 2));
        // Go does not show GOAWAY; with HTTP/1.1 it depends on where the stop finds a connection.
        if (maker == "node" && version == "2") Assert.Equal(Connections, Number(summary, 3));
        const int tried = 3;
        int all = tried + answers + Connections;
        (await server.Process.ExitAsync()).EndedWith(Exit.Success)
            .WithOutput(string.Create(CultureInfo.InvariantCulture, $"HTTP requests: {all} (2xx {all})"));
    }

    [GeneratedRegex(@"^answers (\d+), bodies (\d+), ends announced (\d+)$")]
    private static partial Regex Summary();

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static async Task<string> BuildGoAsync(TempFolder folder)
    {
        string program = folder["client"];
        await using var build = new ProgramProcess(
            Programs.OnPath("go")!, ["build", "-o", program, "."], Offline, Programs.InRepository("tests/Peers/http/go"));
        (await build.ExitAsync()).EndedWith(Exit.Success);
        return program;
    }
}
