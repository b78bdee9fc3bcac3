using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Connections with nothing to do end at once, also when session tickets or a busy machine wake them up for nothing.</summary>
public sealed class IdleEndTests(Certificates certificates)
{
    [Fact]
    public async Task A_run_with_fewer_messages_than_clients_ends_by_itself()
    {
        const int runs = 3;
        using var folder = new TempFolder();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet");
        for (int i = 0; i < runs; i++)
        {
            // A key log makes the end of a handshake late, so that tickets come before they are waited for.
            await using ProgramProcess client = new(Programs.Client, [
                "--server", server.Address, .. certificates.ClientOptions, "--clients", "100", "--messages", "10",
                .. (string[])(OperatingSystem.IsLinux() ? ["--keylog", folder[$"keys{i}"]] : []),
            ]);
            ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Success);
            Assert.Equal(10, result.Number("Round trips"));
        }

        (await server.StopAsync()).WithOutput($"Endings: PeerClosed {runs * 100}");
    }
}
