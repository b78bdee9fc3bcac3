using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Names whose first address does not answer: every command goes to the one that does, and says which did not.</summary>
public sealed class AddressTests(Certificates certificates) : IDisposable
{
    // Whoever waits for a silent address waits longer than any test may.
    private static readonly string[] Patient = ["--connect-timeout", "5m"];

    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_goes_to_the_address_that_answers_and_tells_which_did_not()
    {
        await using OwnNetwork network = await ManifoldNetwork.StartAsync(certificates, _folder.Path);
        string[] run =
        [
            "run", "--server", ManifoldNetwork.Threefold, "--server-name", "localhost", "--clients", "130", "--messages", "260", .. Patient,
        ];
        ProgramResult result = await network.RunClientAsync(certificates, run);
        result.EndedWith(Exit.Success).WithOutput($"is {ManifoldNetwork.Silent}, {ManifoldNetwork.Refusing}, {ManifoldNetwork.Answering}.");
        result.WithOutput($"{ManifoldNetwork.Silent} did not answer within ", $" ms. Connections go to {ManifoldNetwork.Answering}.");
        result.WithOutput($"{ManifoldNetwork.Refusing} refused the connection", $"Connections go to {ManifoldNetwork.Answering}.");
        Assert.Equal(2, result.Count("Connections go to"));
        Assert.Equal((260, 0), (result.Number("Round trips"), result.Number("Mismatches")));

        JsonElement json = await RunForJsonAsync(network, [.. run, "--json", "--quiet", "--report", _folder["report.html"]]);
        string why =
            $"{ManifoldNetwork.Refusing} refused the connection: nothing listens there. Connections went to {ManifoldNetwork.Answering}.";
        Assert.Contains(why, await File.ReadAllTextAsync(_folder["report.html"]), StringComparison.Ordinal);
        JsonElement server = Assert.Single(json.GetProperty("settings").GetProperty("servers").EnumerateArray());
        AssertUnreachable(server);
        Assert.Empty(json.GetProperty("errors").EnumerateArray());

        // Not one connection more than was asked for: what lost a race left nothing behind.
        ProgramResult report = await network.Server.StopAsync();
        report.WithOutput("Connections: 260 accepted").WithOutput("Endings: PeerClosed 260");
    }

    [Fact]
    public async Task Handshakes_and_a_search_and_a_probe_do_so_too()
    {
        await using OwnNetwork network = await ManifoldNetwork.StartAsync(certificates, _folder.Path);
        string[] target = ["--server", ManifoldNetwork.Threefold, "--server-name", "localhost", .. Patient];
        JsonElement json = await RunForJsonAsync(
            network, ["handshake", .. target, "--clients", "2", "--count", "6", "--sessions", "full", "--json"]);
        AssertUnreachable(Assert.Single(json.GetProperty("servers").EnumerateArray()));
        Assert.Equal(6, json.GetProperty("full").GetProperty("handshakes").GetInt64());

        string[] search = ["--p99", "10s", "--clients", "2", "--duration", "200ms", "--from", "10", "--to", "10", "--confirm", "1"];
        ProgramResult max = await network.RunClientAsync(certificates, ["max", .. target, .. search]);
        max.EndedWith(Exit.Success).WithOutput($"{ManifoldNetwork.Silent} did not answer within ").WithOutput("Highest rate");

        ProgramResult probe = await network.RunClientAsync(certificates, ["probe", .. target]);
        probe.EndedWith(Exit.Success);
        probe.WithFact("Addresses", ManifoldNetwork.Silent, "did not answer within")
            .WithOutput(ManifoldNetwork.Refusing, "refused the connection");
        probe.WithOutput(ManifoldNetwork.Answering, "connected in ");
    }

    [Fact]
    public async Task When_the_address_that_answered_is_gone_connections_go_to_the_next()
    {
        await using OwnNetwork network = await ManifoldNetwork.StartAsync(certificates, _folder.Path);
        await using RunningServer first = await network.StartServerAsync(certificates, ManifoldNetwork.Refusing);
        await using ProgramProcess client = network.StartClient(
            certificates, "run", "--server", ManifoldNetwork.Twofold, "--server-name", "localhost", "--clients", "3", "--duration", "5m",
            "--rate", "300", "--reconnect", "--verbose");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        first.Process.Kill();
        await network.Server.Process.WaitForLineAsync("3 clients connected to server");
        client.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        ProgramResult result = await client.ExitAsync();
        result.WithOutput("Connected ", $" to server {ManifoldNetwork.Refusing}").WithOutput("Connections lost: 3, replaced: 3");
        result.WithOutput($"{ManifoldNetwork.Refusing} refused the connection", $"Connections go to {ManifoldNetwork.Answering}.");
        result.WithError("3 clients: connection lost.");
    }

    [Fact]
    public async Task A_client_that_waits_for_addresses_that_are_all_silent_ends_at_the_connect_timeout_or_when_it_is_told_to()
    {
        Requires.Signals();
        await using OwnNetwork network = await ManifoldNetwork.StartAsync(certificates, _folder.Path);
        ProgramResult given = await network.RunClientAsync(
            certificates, "run", "--server", ManifoldNetwork.Dead, "--clients", "2", "--connect-timeout", "700ms");
        given.EndedWith(Exit.Network).WithError("not connected.", $"{ManifoldNetwork.Silent} did not answer in time.");

        await using ProgramProcess run = network.StartClient(
            certificates, ["run", "--server", ManifoldNetwork.Dead, "--clients", "70", .. Patient]);
        await using ProgramProcess handshake = network.StartClient(
            certificates, ["handshake", "--server", ManifoldNetwork.Dead, .. Patient]);
        await handshake.WaitForLineAsync("0 full handshakes");
        await run.WaitForLineAsync("0 of 70");
        foreach (ProgramProcess client in new[] { run, handshake }) client.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        (await run.ExitAsync()).EndedWith(Exit.Interrupted);
        Assert.DoesNotContain((await handshake.ExitAsync()).Errors, l => l.Contains("not connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_from_an_address_that_is_named_go_to_addresses_of_its_family_alone()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string localhost = $"localhost:{server.EndPoint.Port}";
        ProgramResult result = await LoadRun.RunAsync(
            localhost, certificates, "--clients", "1", "--messages", "5", "--source", "127.0.0.1");
        result.EndedWith(Exit.Success).WithOutput($"Server {localhost} is {server.Address}.");
        result = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5", "--source", "::1");
        result.EndedWith(Exit.Network).WithOneSentence("--source ::1 cannot be used", $"{server.Address} has no IPv6 address");
    }

    private static void AssertUnreachable(JsonElement server)
    {
        JsonElement[] unreachable = [.. server.GetProperty("unreachable").EnumerateArray()];
        Assert.Equal(
            [ManifoldNetwork.Silent, ManifoldNetwork.Refusing], unreachable.Select(u => u.GetProperty("address").GetString()).Order());
        Assert.All(unreachable, u => Assert.Equal(ManifoldNetwork.Answering, u.GetProperty("instead").GetString()));
        Assert.Contains(
            "did not answer within",
            unreachable.Single(u => u.GetProperty("address").GetString() == ManifoldNetwork.Silent).GetProperty("why").GetString());
    }

    private async Task<JsonElement> RunForJsonAsync(OwnNetwork network, string[] arguments)
    {
        ProgramResult result = await network.RunClientAsync(certificates, arguments);
        string text = Assert.Single(result.EndedWith(Exit.Success).Output);
        Schema.AssertValid(text);
        return JsonDocument.Parse(text).RootElement;
    }
}
