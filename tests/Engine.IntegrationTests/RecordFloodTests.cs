using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Records that bring no data, sealed by the test itself: no TLS library would send them.</summary>
public class RecordFloodTests
{
    private static readonly byte[] OneByte = [42];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyUpdates_without_end_are_a_flood(bool requestsAnother)
    {
        await using var host = new TestHost(Quick());
        (SslStream good, _) = await host.ConnectTlsAsync();
        (ForgedRecords forged, _, _) = await ConnectAsync(host);
        await SendUntilRefusedAsync(forged, () => forged.KeyUpdate(requestsAnother));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.True(end.Reason == CloseReason.RecordFlood, end.ToString());
        Assert.Contains("65536 bytes", end.Detail, StringComparison.Ordinal);
        await TestHost.EchoAsync(good, 100);
        await TimeLimit.Until(() => host.Host.Statistics.Endings.GetValueOrDefault(CloseReason.RecordFlood) == 1, "one flood is counted");
    }

    [Fact]
    public async Task Empty_records_without_end_are_not_put_up_with()
    {
        await using var host = new TestHost(Quick());
        (ForgedRecords forged, _, _) = await ConnectAsync(host);
        await SendUntilRefusedAsync(forged, () => forged.Data([]));
        // OpenSSL puts up with 32 of them in a row; a TLS library that did not count would leave it to the budget.
        Assert.True((await host.NextEndingAsync()).Reason is CloseReason.RecordFlood or CloseReason.ProtocolError);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task Records_without_data_do_not_keep_an_idle_connection_open()
    {
        await using var host = new TestHost(new EngineOptions { IdleTimeout = TimeSpan.FromSeconds(1) });
        (ForgedRecords forged, _, _) = await ConnectAsync(host);
        Task<ConnectionEnd> ending = host.NextEndingAsync();
        try
        {
            while (!ending.IsCompleted)
            {
                await forged.SendAsync(forged.KeyUpdate());
                await Task.Delay(50);
            }
        }
        catch (SocketException)
        {
            // The server has ended it; why is what counts.
        }

        Assert.Equal(CloseReason.IdleTimeout, (await ending).Reason);
    }

    [Fact]
    public async Task KeyUpdates_and_padding_around_data_are_no_flood()
    {
        await using var host = new TestHost(Quick() with { MaxBytesWithoutData = 8 * 1024 });
        (ForgedRecords forged, SslStream stream, _) = await ConnectAsync(host);
        byte[] echo = new byte[1];
        for (int i = 0; i < 300; i++)
        {
            // One byte in a record filled up to its largest size, or behind a number of KeyUpdates.
            if (i % 2 == 0) await forged.SendAsync(forged.Data(OneByte, padding: (1 << 14) - 1));
            else await forged.SendAsync([.. Enumerable.Range(0, 10).SelectMany(_ => forged.KeyUpdate()), .. forged.Data(OneByte)]);
            await stream.ReadExactlyAsync(echo).WithinLimit();
            Assert.Equal(OneByte, echo);
        }

        Assert.Empty(host.Endings);
    }

    [Fact]
    public async Task The_bytes_of_a_handshake_are_no_flood()
    {
        const int lessThanAHandshake = 500;
        await using var host = new TestHost(Quick() with { MaxBytesWithoutData = lessThanAHandshake });
        (SslStream good, _) = await host.ConnectTlsAsync();
        // When two others have been found out one after the other, the first was looked at in between.
        for (int i = 0; i < 2; i++)
        {
            (ForgedRecords forged, _, _) = await ConnectAsync(host);
            await SendUntilRefusedAsync(forged, () => forged.KeyUpdate());
            Assert.Equal(CloseReason.RecordFlood, (await host.NextEndingAsync()).Reason);
        }

        await TestHost.EchoAsync(good, 100);
    }

    [Fact]
    public async Task Where_the_bound_is_off_nothing_is_a_flood()
    {
        await using var host = new TestHost(Quick() with { MaxBytesWithoutData = 0 }, handshakeTimeout: TimeSpan.FromSeconds(1));
        (ForgedRecords forged, SslStream stream, _) = await ConnectAsync(host);
        await forged.SendAsync([.. Enumerable.Range(0, 5000).SelectMany(_ => forged.KeyUpdate()), .. forged.Data(OneByte)]);
        byte[] echo = new byte[1];
        await stream.ReadExactlyAsync(echo).WithinLimit();
        // When two silent ones have been closed one after the other, the first was looked at in between.
        for (int i = 0; i < 2; i++)
        {
            await host.ConnectRawAsync();
            Assert.Equal(CloseReason.HandshakeTimeout, (await host.NextEndingAsync()).Reason);
        }

        await forged.SendAsync(forged.Data(OneByte));
        await stream.ReadExactlyAsync(echo).WithinLimit();
    }

    // A sweep soon, so that the test is over soon.
    private static EngineOptions Quick() => new() { CloseTimeout = TimeSpan.FromMilliseconds(200) };

    private static async Task<(ForgedRecords Forged, SslStream Stream, Socket Socket)> ConnectAsync(TestHost host)
    {
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
        return (await ForgedRecords.TakeOverAsync(stream, socket), stream, socket);
    }

    private static async Task SendUntilRefusedAsync(ForgedRecords forged, Func<byte[]> next)
    {
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await forged.SendAsync([.. Enumerable.Range(0, 100).SelectMany(_ => next())]);
                await Task.Delay(1);
            }
        }).WithinLimit();
    }
}
