using RawEcho.Client.Load;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>The handlers of the programs, with no socket at all.</summary>
public class EchoInMemoryTests
{
    [Fact]
    public async Task Echo_gives_back_every_byte_and_ends_with_its_peer()
    {
        (MemoryConnection near, MemoryConnection far) = MemoryConnection.CreatePair();
        Task echo = new EchoHandler().HandleAsync(far);

        byte[] sent = new byte[100_000];
        Random.Shared.NextBytes(sent);
        Task writing = near.Bytes.WriteAsync(sent).AsTask();
        byte[] received = new byte[sent.Length];
        await near.Bytes.ReadExactlyAsync(received).WithinLimit();
        await writing.WithinLimit();
        near.EndOutput();

        await echo.WithinLimit();
        Assert.Equal(sent, received);
        Assert.Equal(CloseReason.PeerClosed, far.EndOfStream);
        Assert.Equal(sent.Length, far.Io.BytesReceived);
        Assert.Equal(sent.Length, far.Io.BytesSent);
        Assert.Equal(0, far.Buffers.InUse);
    }

    [Fact]
    public async Task Nothing_is_rented_while_a_peer_is_silent()
    {
        (MemoryConnection near, MemoryConnection far) = MemoryConnection.CreatePair();
        Task echo = new EchoHandler().HandleAsync(far);
        await near.Bytes.WriteAsync(new byte[] { 1 }).WithinLimit();
        await near.Bytes.ReadExactlyAsync(new byte[1]).WithinLimit();
        await TimeLimit.Until(() => far.Buffers.InUse == 0, "all buffers returned");
        near.EndOutput();
        await echo.WithinLimit();
    }

    [Fact]
    public async Task Load_over_tls_over_memory_matches_echo()
    {
        using var pki = new TestPki();
        using TlsIdentity server = pki.Identity(new Leaf { Purposes = [TestPki.ServerAuth] });
        using TlsIdentity client = pki.Identity(new Leaf { Purposes = [TestPki.ClientAuth] });
        using var run = new LoadRun(new LoadShape { Clients = 1, Sizes = SizeDistribution.Of(1, 40_000), Messages = 50 });
        var load = new LoadClient(run, 0, run.QuotaOf(0));
        (MemoryConnection near, MemoryConnection far) = MemoryConnection.CreatePair(nearState: load);

        Task serving = new TlsServerHandler(new EchoHandler(), new TlsServerOptions { Identity = server, TrustedRoots = pki.Roots })
            .HandleAsync(far);
        Task loading = new TlsClientHandler(
            new LoadHandler(), new TlsClientOptions { Identity = client, TrustedRoots = pki.Roots, ServerName = "localhost" })
            .HandleAsync(near);
        await load.Ready.WithinLimit();
        run.Start();
        await loading.WithinLimit();
        near.EndOutput();
        await serving.WithinLimit();

        Assert.Equal(50, load.RoundTrips);
        Assert.True(load.IsDone);
        Assert.Null(load.Mismatch);
        Assert.Equal(CloseReason.LocalClosed, near.Lifetime.End.Reason);
        Assert.Equal(CloseReason.PeerClosed, far.Lifetime.End.Reason);
        Assert.Equal(50, run.Totals().RoundTrips);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wrong_echo_is_found(bool tooLong)
    {
        using var run = new LoadRun(new LoadShape { Clients = 1, Sizes = SizeDistribution.Of(5, 5), Messages = 3 });
        var load = new LoadClient(run, 0, run.QuotaOf(0));
        (MemoryConnection near, MemoryConnection far) = MemoryConnection.CreatePair(nearState: load);
        Task loading = new LoadHandler().HandleAsync(near);
        run.Start();

        byte[] message = new byte[5];
        await far.Bytes.ReadExactlyAsync(message).WithinLimit();
        if (!tooLong) message[3] ^= 1;
        await far.Bytes.WriteAsync(tooLong ? [.. message, 9] : message).WithinLimit();
        await loading.WithinLimit();
        Assert.Contains(tooLong ? "longer" : "Byte 3", load.Mismatch, StringComparison.Ordinal);
        Assert.False(load.IsDone);
    }
}
