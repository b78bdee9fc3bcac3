using System.Diagnostics;
using System.Globalization;
using System.Security.Authentication;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The client against an echo server that has nothing of RawEcho in it: SslStream over a plain socket.</summary>
public sealed class ForeignServerTests(Certificates certificates)
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Every_echo_of_a_foreign_server_matches(SslProtocols protocol)
    {
        await using var server = TestServer.WithTls(certificates, (stream, _) => TestServer.EchoAsync(stream), protocol);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--messages", "400");
        client.EndedWith(Exit.Success).WithOutput($"Negotiated: {protocol}");
        // A run that takes longer than a second says how far it is.
        Assert.All(client.Errors, line => Assert.Contains(" round trips, ", line, StringComparison.Ordinal));
        Assert.Equal(400, client.Number("Round trips"));
        Assert.Equal(0, client.Number("Mismatches"));
    }

    [Fact]
    public async Task Long_messages_come_back_from_a_foreign_server_too()
    {
        await using var server = TestServer.WithTls(certificates, (stream, _) => TestServer.EchoAsync(stream));
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "6", "--size", "1000000");
        client.EndedWith(Exit.Success);
        Assert.Equal(6_000_000, client.Number("Bytes received"));
    }

    [Fact]
    public async Task The_goodbye_is_no_part_of_the_measured_time()
    {
        // What the client waits for a goodbye (EngineOptions.CloseTimeout).
        const double goodbye = 2;
        var over = new TaskCompletionSource();
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            await TestServer.EchoAsync(stream);
            // The peer has said goodbye, and waits for ours.
            await over.Task;
        });
        try
        {
            var clock = Stopwatch.StartNew();
            ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "10");
            client.EndedWith(Exit.Success);
            Assert.InRange(clock.Elapsed.TotalSeconds, goodbye, double.MaxValue);
            string line = Assert.Single(client.Output, l => l.StartsWith("Round trips: 10 in ", StringComparison.Ordinal));
            double seconds = double.Parse(line["Round trips: 10 in ".Length..].Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.InRange(seconds, 0, clock.Elapsed.TotalSeconds - goodbye);
        }
        finally
        {
            over.SetResult();
        }
    }

    [Fact]
    public async Task An_echo_may_come_back_a_byte_at_a_time()
    {
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            byte[] buffer = new byte[1000];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                for (int i = 0; i < read; i++) await stream.WriteAsync(buffer.AsMemory(i, 1));
            }
        });
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "4", "--size", "500");
        client.EndedWith(Exit.Success);
        Assert.Equal(4, client.Number("Round trips"));
        Assert.Equal(0, client.Number("Mismatches"));
    }
}
