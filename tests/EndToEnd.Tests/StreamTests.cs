using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Uploads and downloads: every byte is verified, and echo stays what it is.</summary>
public sealed class StreamTests(Certificates certificates)
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Theory]
    [InlineData("upload", true, false)]
    [InlineData("download", false, true)]
    [InlineData("both", true, true)]
    public async Task Bytes_are_verified_counted_and_the_same_on_both_sides(string mode, bool sends, bool receives)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--mode", mode, "--clients", "3", "--duration", "1s", "--interval", "200ms", "--json",
            "--fail-if", "errors>0", "--fail-if", sends ? "mbit-sent<0.001" : "mbit-received<0.001");
        client.EndedWith(Exit.Success);
        client.WithError("PASS: --fail-if errors>0: it was 0.");
        Schema.AssertValid(Assert.Single(client.Output));
        JsonElement run = JsonDocument.Parse(client.Output[0]).RootElement;
        long sent = run.GetProperty("bytesSent").GetInt64(), received = run.GetProperty("bytesReceived").GetInt64();
        Assert.Equal((sends, receives), (sent > 0, received > 0));
        Assert.Equal((sent * 8 / 1e6) / run.GetProperty("seconds").GetDouble(), run.GetProperty("mbitSent").GetDouble(), 3);
        JsonElement[] steps = [.. run.GetProperty("series").EnumerateArray()];
        Assert.True(steps.Length > 2);
        Assert.Equal(received, steps.Sum(s => s.GetProperty("bytesReceived").GetInt64()));
        // Lines of intervals stand beside the JSON and not in it.
        Assert.Contains(client.Errors, l => l.StartsWith("Interval ", StringComparison.Ordinal));
        ProgramResult report = await server.StopAsync();
        // What went out after the end, and the frames, come on top.
        Assert.True(report.Number("Bytes received") >= sent);
        Assert.True(report.Number("Bytes sent") >= received);
        Assert.Contains(report.Output, l => l == "Endings: PeerClosed 3");
    }

    [Theory]
    [InlineData("upload")]
    [InlineData("download")]
    public async Task A_server_that_stops_ends_uploads_and_downloads_in_order(string mode)
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--mode", mode, "--clients", "2", "--duration", "60s", "--interval", "200ms");
        await client.WaitForLineAsync(l => l.StartsWith("0.", StringComparison.Ordinal), "an interval");
        await server.StopAsync();
        (await client.ExitAsync()).EndedWith(Exit.ServerClosed).WithError("2 clients: closed by the server");
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_download_is_ended_by_the_write_timeout()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--write-timeout", "1s", "--verbose");
        await using SslStream peer = await ConnectAsync(server.EndPoint, new SslApplicationProtocol("rawecho-download"));
        await server.Process.WaitForLineAsync("WriteTimeout. The peer took nothing for 1 s.");
        await server.StopAsync();
    }

    [Fact]
    public async Task Damage_on_the_way_to_the_server_is_told_by_the_server()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using SslStream peer = await ConnectAsync(server.EndPoint, new SslApplicationProtocol("rawecho-upload"));
        await peer.WriteAsync(new byte[100]).WithinLimit();
        byte[] frame = new byte[12];
        await peer.ReadExactlyAsync(frame).WithinLimit();
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255], frame);
        Assert.Equal(0, await peer.ReadAsync(frame).WithinLimit());
    }

    [Fact]
    public async Task Clients_that_ask_for_other_protocols_or_none_get_echo()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        foreach (string? protocol in (string?[])[null, "h2", "rawecho-uploads", "rawecho-"])
        {
            SslApplicationProtocol? asked = protocol is null ? null : new SslApplicationProtocol(protocol);
            await using SslStream peer = await ConnectAsync(server.EndPoint, asked);
            await peer.WriteAsync("hello"u8.ToArray()).WithinLimit();
            byte[] echo = new byte[5];
            await peer.ReadExactlyAsync(echo).WithinLimit();
            Assert.Equal("hello"u8.ToArray(), echo);
            Assert.Equal(default, peer.NegotiatedApplicationProtocol);
        }
    }

    [Fact]
    public async Task What_does_not_offer_a_mode_is_named()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--echo-only");
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--mode", "download", "--clients", "2", "--duration", "1s");
        client.EndedWith(Exit.TlsRefused).WithError("does not offer --mode download (ALPN rawecho-download)");
    }

    [Theory]
    [InlineData("--mode upload --tls none", "--mode upload needs TLS")]
    [InlineData("--mode download --rate 10", "--rate: --mode download has no messages.")]
    [InlineData("--mode both --size 10", "--size: --mode both has no messages.")]
    [InlineData("--mode both --messages 10", "--messages: --mode both has no messages.")]
    [InlineData("--mode upload --fail-if p99>1ms", "--fail-if p99>1ms: this run has no 'p99'.")]
    [InlineData("--mode sideways", "--mode takes echo, upload, download or both, not 'sideways'")]
    [InlineData("--interval 1ms", "--interval takes a time from 100ms")]
    public async Task What_cannot_be_is_refused(string options, string sentence)
    {
        ProgramResult client = await LoadRun.RunAsync("localhost:1", certificates, options.Split(' '));
        client.EndedWith(Exit.Usage).WithOneSentence(sentence);
    }

    private async Task<SslStream> ConnectAsync(IPEndPoint server, SslApplicationProtocol? protocol)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server).WithinLimit();
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        SslClientAuthenticationOptions options = certificates.AsClient();
        options.ApplicationProtocols = protocol is { } name ? [name] : null;
        await tls.AuthenticateAsClientAsync(options).WithinLimit();
        return tls;
    }
}
