using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>What the process lacks, or what happens all at once.</summary>
public class StarvationTests
{
    [Fact]
    public async Task Established_connections_are_served_while_the_thread_pool_is_starved()
    {
        await using var host = new TestHost();
        (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 100);
        // The test's own side must not need the pool either: it blocks, on a thread of its own.
        socket.ReceiveTimeout = socket.SendTimeout = (int)TimeLimit.Default.TotalMilliseconds;
        using var release = new ManualResetEventSlim();
        const int more = 500;
        int blocked = 0;
        for (int i = 0; i < more; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Interlocked.Increment(ref blocked);
                    release.Wait();
                },
                null);
        }

        int pending = await Task.Factory.StartNew(
            EchoWhileStarved, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(pending > 0, "The pool was not starved until the end");

        // And all is well when it is over.
        await TimeLimit.Until(() => Volatile.Read(ref blocked) == more, "all have come to their turn");
        (SslStream late, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(late, 100);

        int EchoWhileStarved()
        {
            try
            {
                byte[] message = new byte[1000], echo = new byte[1000];
                for (int i = 0; i < 100; i++)
                {
                    Random.Shared.NextBytes(message);
                    stream.Write(message);
                    stream.ReadExactly(echo);
                    Assert.Equal(message, echo);
                }

                return more - Volatile.Read(ref blocked);
            }
            finally
            {
                release.Set();
            }
        }
    }

    [Fact]
    public async Task Peers_that_never_read_hold_one_buffer_each_and_the_server_reads_no_further()
    {
        const int peers = 20;
        await using var host = new TestHost(new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(300) });
        for (int i = 0; i < peers; i++)
        {
            (SslStream stream, _) = await host.ConnectTlsAsync();
            _ = SendForEverAsync(stream);
        }

        // All are stuck when nothing has moved for a while.
        long before = -1;
        await TimeLimit.Until(
            () =>
            {
                Thread.Sleep(400);
                (long last, before) = (before, host.Host.Statistics.Io.BytesReceived);
                return before > 0 && last == before;
            },
            "nothing moves any more");
        Assert.InRange(host.Host.Statistics.Pools.BuffersInUse, 1, peers);
        // What one may have under way: what both kernels hold, and a buffer; far from what they would go on to send.
        Assert.InRange(before, 1, peers * 16L * 1024 * 1024);
        Assert.Empty(host.Endings);
    }

    [Fact]
    public async Task Disposing_in_the_middle_of_reads_writes_and_handshakes_leaves_nothing()
    {
        for (int round = 0; round < 15; round++)
        {
            var host = new TestHost();
            Task[] peers = [.. Enumerable.Range(0, 12).Select(i => Task.Run(() => PeerAsync(host, i)))];
            await Task.Delay(round * 4);
            await host.Host.DisposeAsync().WithinLimit();
            await Task.WhenAll(peers).WithinLimit();
            Assert.Equal(0, host.Host.Statistics.ConnectionsOpen);
            Assert.Equal(0, host.Host.Statistics.Pools.ArgsInUse);
            Assert.Equal(0, host.Host.Statistics.Pools.BuffersInUse);
            Assert.Equal(Environment.ProcessorCount, host.Host.Handshakes.Free);
            Assert.Equal(host.Host.Statistics.ConnectionsAccepted, host.Host.Statistics.Endings.Values.Sum());
            Assert.Empty(host.Faults);
            await host.DisposeAsync();
        }
    }

    private static async Task PeerAsync(TestHost host, int kind)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host.EndPoint).WithinLimit();
            await using var stream = new SslStream(new NetworkStream(socket));
            if (kind % 4 == 0)
            {
                // Stays in the handshake.
                await socket.ReceiveAsync(new byte[1]).WithinLimit();
                return;
            }

            await stream.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
            if (kind % 4 == 1) await SendForEverAsync(stream);
            while (true) await TestHost.EchoAsync(stream, 100 * kind * kind);
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The server has gone, as it should.
        }
    }

    private static async Task SendForEverAsync(SslStream stream)
    {
        byte[] block = new byte[1 << 16];
        try
        {
            while (true) await stream.WriteAsync(block);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The connection is over.
        }
    }
}
