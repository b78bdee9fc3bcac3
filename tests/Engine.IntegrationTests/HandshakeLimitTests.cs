using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>What bounds handshakes: their number, their bytes, their time.</summary>
public class HandshakeLimitTests
{
    // A ClientHello of 131,000 bytes, as large as OpenSSL would take, is announced in the header of its first record.
    private static readonly byte[] HugeHello = [1, 0x01, 0xff, 0xb8, 3, 3];

    [Fact]
    public async Task A_handshake_that_finds_the_queue_full_is_not_begun_and_the_others_get_their_turn()
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1, MaxHandshakeQueue = 1 });
        (SslStream established, _) = await host.ConnectTlsAsync();
        // Once it is served, the server's side of its handshake is over too.
        await TestHost.EchoAsync(established, 10);
        // The test takes the only place, as a handshake that computes would.
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());

        Task<(SslStream Stream, Socket Socket)> waiting = host.ConnectTlsAsync();
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesWaiting == 1, "one waits");
        await Assert.ThrowsAnyAsync<IOException>(() => host.ConnectTlsAsync());
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.HandshakeQueueFull, end.Reason);

        await TestHost.EchoAsync(established, 1000);
        Assert.False(waiting.IsCompleted);
        host.Host.Handshakes.Leave();
        (SslStream stream, _) = await waiting.WithinLimit();
        await TestHost.EchoAsync(stream, 1000);
        await TimeLimit.Until(() => host.Host.Statistics.Endings.GetValueOrDefault(CloseReason.HandshakeQueueFull) == 1, "it is counted");
        Assert.Equal((1, 0), (host.Host.Handshakes.Free, host.Host.Handshakes.Waiting));
    }

    [Fact]
    public async Task A_handshake_that_waits_too_long_for_its_first_turn_is_closed_and_the_next_one_is_served()
    {
        var options = new EngineOptions { MaxHandshakes = 1, MaxHandshakeWait = TimeSpan.FromMilliseconds(300) };
        await using var host = new TestHost(options);
        // The test takes the only place, as a handshake that computes would.
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        await Assert.ThrowsAnyAsync<IOException>(() => host.ConnectTlsAsync());
        Assert.Equal(CloseReason.HandshakeQueueFull, (await host.NextEndingAsync()).Reason);
        host.Host.Handshakes.Leave();
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 1000);
        Assert.Equal((1, 0), (host.Host.Handshakes.Free, host.Host.Handshakes.Waiting));
    }

    [Fact]
    public async Task A_handshake_that_was_inside_before_waits_for_its_turn_where_a_new_one_is_closed()
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1, MaxHandshakeQueue = 0 });
        Socket socket = await host.ConnectRawAsync();
        var wire = new HeldBackStream(socket, writesAtOnce: 1);
        var stream = new SslStream(wire);
        Task handshake = stream.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
        await wire.HeldBack.WithinLimit();
        await TimeLimit.Until(() => host.Host.Handshakes.Free == 1, "the server waits for the rest of the handshake");

        // The test takes the only place, as a handshake that computes would.
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        wire.LetGo();
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesWaiting == 1, "it waits");
        host.Host.Handshakes.Leave();
        await handshake;
        await TestHost.EchoAsync(stream, 100);
    }

    [Fact]
    public async Task Peers_that_keep_a_handshake_waiting_hold_no_place()
    {
        const int peers = 20;
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1, MaxHandshakeQueue = peers });
        for (int i = 0; i < peers / 2; i++) await host.ConnectRawAsync();
        for (int i = 0; i < peers / 2; i++) await (await host.ConnectRawAsync()).SendAsync(new byte[] { 22, 3, 1, 2, 0, 1 }).WithinLimit();
        await TimeLimit.Until(
            () => host.Host.Statistics.HandshakesUnderWay == peers && host.Host.Handshakes.Free == 1, "all wait for their peers");
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 100);
    }

    [Fact]
    public async Task A_storm_of_handshakes_leaves_established_connections_served()
    {
        const int storm = 200;
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1 });
        (SslStream established, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(established, 10);
        // The test takes the only place: the storm lasts as long as it says, however fast the machine is.
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        Task all = Task.WhenAll(Enumerable.Range(0, storm).Select(_ => host.ConnectTlsAsync()));
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesWaiting == storm, "the whole storm waits");
        for (int i = 0; i < 100; i++) await TestHost.EchoAsync(established, 100);
        Assert.Equal(storm, host.Host.Statistics.HandshakesWaiting);

        host.Host.Handshakes.Leave();
        while (!all.IsCompleted) await TestHost.EchoAsync(established, 100);
        await all;
        // Under TLS 1.3 the client's side is done before the server's.
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesDone == storm + 1 && host.Host.Handshakes.Free == 1, "all are done");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_place_is_free_again_however_the_handshake_ends(bool completes)
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1, MaxHandshakeQueue = 1 });
        for (int i = 0; i < 5; i++)
        {
            if (completes) await host.ConnectTlsAsync();
            else await (await host.ConnectRawAsync()).SendAsync(new byte[100]).WithinLimit();
        }

        int failed = completes ? 0 : 5;
        await TimeLimit.Until(() => host.Endings.Count == failed && host.Host.Handshakes.Free == 1, "all are over, and the place is free");
    }

    [Fact]
    public async Task A_place_that_is_never_given_back_keeps_no_host_from_ending()
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1 });
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        Task waiting = host.ConnectTlsAsync();
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesWaiting == 1, "it waits");
        await host.Host.DisposeAsync().WithinLimit();
        Assert.Equal((0, 0), host.Host.Connections.Held);
        await Assert.ThrowsAnyAsync<IOException>(() => waiting.WithinLimit());
    }

    [Fact]
    public async Task The_deadline_ends_a_handshake_that_waits_for_its_turn()
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1 }, handshakeTimeout: TimeSpan.FromMilliseconds(500));
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        await Assert.ThrowsAnyAsync<IOException>(() => host.ConnectTlsAsync());
        Assert.Equal(CloseReason.HandshakeTimeout, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
        Assert.Equal((0, 0), (host.Host.Handshakes.Free, host.Host.Handshakes.Waiting));
    }

    [Fact]
    public async Task A_handshake_may_not_send_more_than_its_bytes()
    {
        await using var host = new TestHost();
        Socket socket = await host.ConnectRawAsync();
        int sent = 0;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                const int content = 16_000;
                byte[] record = new byte[5 + content];
                new byte[] { 22, 3, 1, content >> 8, content & 0xff }.CopyTo(record, 0);
                if (sent == 0) HugeHello.CopyTo(record, 5);
                sent += await socket.SendAsync(record).WithinLimit();
                await Task.Delay(5);
            }
        });
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.HandshakeTooLarge, end.Reason);
        Assert.Contains("102400 bytes", end.Detail, StringComparison.Ordinal);
        Assert.True(sent > 102_400, $"It was ended after {sent} bytes");
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task The_bound_on_bytes_is_for_the_handshake_alone()
    {
        const int enoughForAHandshake = 5000;
        await using var host = new TestHost(new EngineOptions { MaxHandshakeBytes = enoughForAHandshake });
        // The data of some will arrive together with the end of their handshake.
        for (int i = 0; i < 5; i++) await TestHost.EchoAsync((await host.ConnectTlsAsync()).Stream, 100 * enoughForAHandshake);

        const int lessThanAClientHello = 100;
        await using var strict = new TestHost(new EngineOptions { MaxHandshakeBytes = lessThanAClientHello });
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            (SslStream refused, _) = await strict.ConnectTlsAsync();
            if (await refused.ReadAsync(new byte[1]).WithinLimit() == 0) throw new IOException("closed");
        });
        Assert.Equal(CloseReason.HandshakeTooLarge, (await strict.NextEndingAsync()).Reason);
    }

    [Fact]
    public async Task A_ClientHello_in_drips_is_closed_at_the_deadline()
    {
        await using var host = new TestHost(
            new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(200) }, handshakeTimeout: TimeSpan.FromSeconds(1));
        Socket socket = await host.ConnectRawAsync();
        byte[] hello = [22, 3, 1, 0x20, 0, 1, 0, 0x1f, 0xfc, 3, 3, .. new byte[8000]];
        Task<ConnectionEnd> ending = host.NextEndingAsync();
        try
        {
            // A byte at a time: the deadline is absolute, and does not begin again with each.
            for (int i = 0; !ending.IsCompleted; i++)
            {
                await socket.SendAsync(hello.AsMemory(i, 1)).WithinLimit();
                await Task.Delay(20);
            }
        }
        catch (SocketException)
        {
            // The server has ended it.
        }

        Assert.Equal(CloseReason.HandshakeTimeout, (await ending).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    /// <summary>Writes what it is given until a number of writes is reached; the rest waits to be let go.</summary>
    private sealed class HeldBackStream(Socket socket, int writesAtOnce) : NetworkStream(socket)
    {
        private readonly TaskCompletionSource _heldBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _writes;

        public Task HeldBack => _heldBack.Task;

        public void LetGo() => _letGo.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_writes++ >= writesAtOnce)
            {
                _heldBack.TrySetResult();
                await _letGo.Task;
            }

            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
