using System.Buffers.Binary;
using System.Net.Security;
using RawEcho.Engine.Framing;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>A service that speaks in messages, over mutual TLS, with a foreign client.</summary>
public class MessageServiceTests
{
    private static readonly MessageFraming Framing = new LengthPrefixedFraming(4);

    [Fact]
    public async Task Messages_are_echoed_and_nothing_is_held_in_between()
    {
        await using var host = new TestHost(handler: new FramedEcho(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        foreach (int size in new[] { 0, 1, 16, 4_000, 4_096, 5_000, 16_384, 300_000, 1 << 20 })
        {
            byte[] sent = Frame(size);
            Task writing = stream.WriteAsync(sent).AsTask();
            byte[] received = new byte[sent.Length];
            await stream.ReadExactlyAsync(received).WithinLimit();
            await writing.WithinLimit();
            Assert.Equal(sent, received);
            await TimeLimit.Until(() => host.Host.Statistics is { Messages.StreamsInUse: 0, Pools.BuffersInUse: 0 }, "nothing is in hand");
        }

        await stream.ShutdownAsync().WithinLimit();
        Assert.Equal(CloseReason.PeerClosed, (await host.NextEndingAsync()).Reason);
        await AssertBaselineAsync(host);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(103)]
    public async Task A_message_cut_anywhere_ends_with_its_reason_and_holds_nothing(int bytes)
    {
        await using var host = new TestHost(handler: new FramedEcho(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(Frame(100).AsMemory(0, bytes)).WithinLimit();
        await stream.ShutdownAsync().WithinLimit();
        Assert.Equal(CloseReason.MessageCutOff, (await host.NextEndingAsync()).Reason);
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_by_its_length_alone()
    {
        await using var host = new TestHost(
            new EngineOptions { Messages = new MessageOptions { MaxMessageBytes = 1000 } }, new FramedEcho(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(Frame(1001).AsMemory(0, 4)).WithinLimit();
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal((CloseReason.MessageTooLarge, "A message of 1001 bytes; 1000 are allowed."), (end.Reason, end.Detail));
        Assert.Empty(host.Faults);
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task A_message_that_does_not_come_on_has_its_time()
    {
        var options = new EngineOptions
        {
            CloseTimeout = TimeSpan.FromMilliseconds(200),
            Messages = new MessageOptions { MessageTimeout = TimeSpan.FromMilliseconds(300) },
        };
        await using var host = new TestHost(options, new FramedEcho(Framing));
        (SslStream slow, _) = await host.ConnectTlsAsync();
        (SslStream idle, _) = await host.ConnectTlsAsync();
        await slow.WriteAsync(Frame(100).AsMemory(0, 50)).WithinLimit();
        Assert.Equal(CloseReason.MessageTimeout, (await host.NextEndingAsync()).Reason);
        // Whoever sends nothing is only idle, before and after messages.
        await RoundTripAsync(idle, 10);
        await Task.Delay(TimeSpan.FromMilliseconds(700));
        await RoundTripAsync(idle, 10);
        Assert.Empty(host.Endings);
    }

    [Fact]
    public async Task The_time_of_a_message_takes_none_from_the_handlers_own()
    {
        await using var host = new TestHost(handler: new Impatient(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(Frame(100).AsMemory(0, 50)).WithinLimit();
        Assert.Equal(CloseReason.OperationTimeout, (await host.NextEndingAsync()).Reason);
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task A_stop_ends_the_idle_and_waits_for_the_busy()
    {
        var handler = new FramedEcho(Framing, hold: new TaskCompletionSource());
        await using var host = new TestHost(handler: handler);
        (SslStream idle, _) = await host.ConnectTlsAsync();
        (SslStream working, _) = await host.ConnectTlsAsync();
        (SslStream sending, _) = await host.ConnectTlsAsync();
        await working.WriteAsync(Frame(10)).WithinLimit();
        await handler.Holding.WithinLimit();
        await sending.WriteAsync(Frame(10).AsMemory(0, 9)).WithinLimit();
        await TimeLimit.Until(() => host.Host.Statistics.Io.BytesReceived == 14 + 9, "a part has come");

        Task stopping = host.Host.StopAsync(TimeLimit.Default);
        Assert.Equal(0, await idle.ReadAsync(new byte[1]).WithinLimit());
        await idle.ShutdownAsync().WithinLimit();
        // Longer than the second after which a handler that says nothing is no longer waited for.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        handler.Release();
        await sending.WriteAsync(Frame(10).AsMemory(9)).WithinLimit();
        foreach (SslStream stream in new[] { working, sending })
        {
            byte[] answer = new byte[14];
            await stream.ReadExactlyAsync(answer).WithinLimit();
            Assert.Equal(Frame(10), answer);
            Assert.Equal(0, await stream.ReadAsync(answer).WithinLimit());
            await stream.ShutdownAsync().WithinLimit();
        }

        await stopping.WithinLimit();
        Assert.All(host.Endings, e => Assert.Equal(CloseReason.Drained, e.Reason));
        Assert.Equal(3, host.Endings.Count);
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task A_handler_that_ignores_a_stop_is_aborted_when_the_time_is_over()
    {
        var handler = new FramedEcho(Framing, hold: new TaskCompletionSource());
        await using var host = new TestHost(handler: handler);
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(Frame(10)).WithinLimit();
        await handler.Holding.WithinLimit();
        Task stopping = host.Host.StopAsync(TimeSpan.FromMilliseconds(300));
        // It is told by the token, and the host waits until it has let go.
        await handler.Ended.WithinLimit();
        Assert.False(stopping.IsCompleted);
        handler.Release();
        await stopping.WithinLimit();
        Assert.Equal(CloseReason.DrainTimeout, (await host.NextEndingAsync()).Reason);
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task A_handler_that_throws_is_a_defect_and_costs_nothing_else()
    {
        await using var host = new TestHost(handler: new FramedEcho(Framing, hold: null, fault: new InvalidTimeZoneException("a defect")));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(Frame(10)).WithinLimit();
        Assert.Equal(CloseReason.HandlerFault, (await host.NextEndingAsync()).Reason);
        Assert.IsType<InvalidTimeZoneException>(Assert.Single(host.Faults));
        await AssertBaselineAsync(host);
    }

    [Fact]
    public async Task Answers_that_are_ready_together_leave_together()
    {
        await using var host = new TestHost(handler: new FramedEcho(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        byte[] hundred = [.. Enumerable.Range(0, 100).SelectMany(_ => Frame(16))];
        await stream.WriteAsync(hundred).WithinLimit();
        byte[] received = new byte[hundred.Length];
        await stream.ReadExactlyAsync(received).WithinLimit();
        Assert.Equal(hundred, received);
        await TimeLimit.Until(
            () => host.Host.Statistics.Io is { ReadOperations: 1, WriteOperations: 1 }, "there was one read, and one write");
    }

    [Fact]
    public async Task A_short_message_allocates_nothing()
    {
        await using var host = new TestHost(handler: new FramedEcho(Framing));
        (SslStream stream, _) = await host.ConnectTlsAsync();
        byte[] message = Frame(16);
        byte[] answer = new byte[message.Length];
        // What the test's own client allocates is measured by a server that does not frame.
        await using var raw = new TestHost();
        (SslStream rawStream, _) = await raw.ConnectTlsAsync();
        long framed = await AllocatedAsync(stream, message, answer);
        long unframed = await AllocatedAsync(rawStream, message, answer);
        Assert.True(
            framed - unframed < 1000, $"{framed} bytes were allocated in 1,000 framed round trips, and {unframed} in as many others.");
    }

    private static async Task<long> AllocatedAsync(SslStream stream, byte[] message, byte[] answer)
    {
        long least = long.MaxValue;
        for (int window = 0; window < 6; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 1000; i++)
            {
                await stream.WriteAsync(message);
                await stream.ReadExactlyAsync(answer);
            }

            if (window > 0) least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    private static byte[] Frame(int size)
    {
        byte[] frame = new byte[4 + size];
        BinaryPrimitives.WriteInt32BigEndian(frame, size);
        for (int i = 4; i < frame.Length; i++) frame[i] = (byte)(i * 31);
        return frame;
    }

    private static async Task RoundTripAsync(SslStream stream, int size)
    {
        await stream.WriteAsync(Frame(size)).WithinLimit();
        byte[] answer = new byte[4 + size];
        await stream.ReadExactlyAsync(answer).WithinLimit();
        Assert.Equal(Frame(size), answer);
    }

    private static async Task AssertBaselineAsync(TestHost host)
    {
        await TimeLimit.Until(
            () => host.Host.Statistics is { ConnectionsOpen: 0, Messages.StreamsInUse: 0, Pools.BuffersInUse: 0 }, "all is back");
        Assert.True(host.Host.Statistics.Pools.ArgsInUse <= host.Baseline.ArgsInUse);
    }

    private sealed class Impatient(MessageFraming framing) : MessageHandler(framing)
    {
        protected override async Task ServeAsync(MessageConnection messages)
        {
            using OperationLimit limit = messages.Connection.LimitTime(TimeSpan.FromMilliseconds(300));
            await messages.ReadAsync();
        }
    }

    private sealed class FramedEcho(MessageFraming framing, TaskCompletionSource? hold = null, Exception? fault = null)
        : MessageHandler(framing)
    {
        private readonly TaskCompletionSource _holding = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Holding => _holding.Task;

        public Task Ended => _ended.Task;

        public void Release() => hold!.SetResult();

        protected override async Task ServeAsync(MessageConnection messages)
        {
            using CancellationTokenRegistration end = messages.Connection.Ended.Register(() => _ended.TrySetResult());
            while (await messages.ReadAsync() is { } message)
            {
                _holding.TrySetResult();
                if (hold is not null) await hold.Task;
                if (fault is not null) throw fault;
                await messages.WriteAsync(message);
            }
        }
    }
}
