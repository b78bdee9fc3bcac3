using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>More connections than one local address has ports.</summary>
public sealed class PortTests(Certificates certificates)
{
    private static readonly string[] Explanation = ["no free local port", "all 100", "ip_local_port_range", "TIME_WAIT", "--source"];

    [Fact]
    public async Task When_no_port_is_left_one_sentence_says_so_and_what_to_do()
    {
        await using OwnNetwork network = await NarrowNetwork.StartAsync(certificates);
        ProgramResult result = await network.RunClientAsync(
            certificates, "run", "--clients", "120", "--source", "127.0.0.1", "--messages", "1000", "--quiet");
        result.EndedWith(Exit.Network).WithOneSentence(Explanation);
        // Nothing was sent, so nothing may have been lost.
        ProgramResult report = await network.Server.StopAsync();
        Assert.Equal(0, report.Number("Bytes received"));
        Assert.DoesNotContain(report.Output, l => l.Contains("HandlerFault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Addresses_that_are_named_have_ports_of_their_own()
    {
        await using OwnNetwork network = await NarrowNetwork.StartAsync(certificates);
        string[] sources = ["--source", "127.0.0.1", "--source", "127.0.0.2", "--source", "127.0.0.3"];
        ProgramResult result = await network.RunClientAsync(
            certificates, ["run", "--clients", "300", .. sources, "--messages", "3000", "--quiet"]);
        result.EndedWith(Exit.Success);
        Assert.Equal((3000, 0), (result.Number("Round trips"), result.Number("Mismatches")));
        ProgramResult report = await network.Server.StopAsync();
        Assert.Equal(
            (result.Number("Bytes sent"), result.Number("Bytes received")), (report.Number("Bytes received"), report.Number("Bytes sent")));
        Assert.Equal(300, report.Number("Connections"));

        // In a network where nothing rests yet: one more than there are ports.
        await using OwnNetwork other = await NarrowNetwork.StartAsync(certificates);
        result = await other.RunClientAsync(certificates, ["run", "--clients", "301", .. sources, "--messages", "3000", "--quiet"]);
        result.EndedWith(Exit.Network).WithOneSentence(Explanation);
    }

    [Fact]
    public async Task On_loopback_the_client_takes_as_many_addresses_as_its_connections_need()
    {
        await using OwnNetwork network = await NarrowNetwork.StartAsync(certificates);
        ProgramResult result = await network.RunClientAsync(
            certificates, "run", "--clients", "250", "--rate", "1000", "--messages", "2500", "--json", "--quiet");
        result.EndedWith(Exit.Success);
        using JsonDocument json = JsonDocument.Parse(Assert.Single(result.Output));
        Assert.Equal(2500, json.RootElement.GetProperty("roundTrips").GetInt64());
        Assert.Empty(json.RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal(250, (await network.Server.StopAsync()).Number("Connections"));
    }

    [Fact]
    public async Task Handshakes_and_a_probe_say_so_too_and_many_handshakes_take_more_addresses_by_themselves()
    {
        await using OwnNetwork network = await NarrowNetwork.StartAsync(certificates);
        await using ProgramProcess holder = network.StartClient(
            certificates, "run", "--clients", "100", "--source", "127.0.0.1", "--messages", "1000", "--wait");
        await holder.WaitForLineAsync("100 clients connected. Press any key");
        string[] handshakes = ["handshake", "--clients", "2", "--sessions", "full", "--quiet"];

        ProgramResult result = await network.RunClientAsync(certificates, [.. handshakes, "--count", "10", "--source", "127.0.0.1"]);
        result.EndedWith(Exit.Network).WithOneSentence(Explanation);
        result = await network.RunClientAsync(certificates, "probe");
        result.EndedWith(Exit.Network).WithOutput("ERROR: ", "no free local port").WithOutput("all 100", "TIME_WAIT");

        result = await network.RunClientAsync(certificates, [.. handshakes, "--count", "10", "--source", "127.0.0.2"]);
        result.EndedWith(Exit.Success);
        await holder.TypeAsync(string.Empty);
        await holder.WaitForLineAsync("Round trips: ");
        (await holder.ExitAsync()).EndedWith(Exit.Success);
        await network.Server.StopAsync();

        await using OwnNetwork other = await NarrowNetwork.StartAsync(certificates);
        result = await other.RunClientAsync(certificates, [.. handshakes, "--count", "180"]);
        result.EndedWith(Exit.Success);
        Assert.Equal(180, result.Number("Full handshakes"));
    }
}
