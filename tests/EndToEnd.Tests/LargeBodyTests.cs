using System.Net.Security;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Long bodies over mutual TLS, up and down at the same time. rawecho-soak does the same with 1 GB.</summary>
public sealed class LargeBodyTests(Certificates certificates)
{
    private const int Mebi = 1 << 20;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_long_body_comes_back_whole_while_the_server_holds_little_of_it(string version)
    {
        const long length = 256 * Mebi;
        // 1 MiB of the body, buffers, and what the runtime needs to be busy: a quarter of the body.
        const long allowed = 64 * Mebi;
        Requires.Linux("/proc");
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions]);
        using HttpClient client = server.CreateClient(certificates, certificates.Client, Version.Parse(version));
        Assert.Equal("Hello World", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        long before = ProcessMemory.ReadPrivate(server.Process.Id);
        var echo = new LargeEcho(length);
        Task work = version == "2.0" ? echo.OverHttp2Async(client, new Uri(server.Http, "/echo")) : OverHttp1Async();
        long grown = await LargeEcho.MostPrivateAsync(server.Process.Id, work).WithinLimit() - before;
        Assert.True(grown < allowed, $"The server held {grown / Mebi} MiB more.");
        (await server.StopAsync()).WithOutput("HTTP requests: 2 (2xx 2)");

        async Task OverHttp1Async()
        {
            await using SslStream connection = await WireHttp1.ConnectAsync(server.Http, certificates, SslApplicationProtocol.Http11);
            await echo.OverHttp1Async(connection);
        }
    }
}
