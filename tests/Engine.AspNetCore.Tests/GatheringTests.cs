using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>When what is flushed is sent: in one piece where that is free, and never too late.</summary>
public sealed class GatheringTests
{
    private const int Record = 16 * 1024;

    [Fact]
    public async Task What_a_turn_flushes_is_sent_at_its_end_in_one_piece()
    {
        bool wasHeld = false;
        // A thread that is held up in the middle has sent by then: not on every try.
        for (int i = 0; i < 100 && !wasHeld; i++)
        {
            var pipes = new PipeFixture();
            RunTurn(pipes, () =>
            {
                Assert.True(Flush(pipes, "head").IsCompletedSuccessfully);
                Assert.True(Flush(pipes, "body").IsCompletedSuccessfully);
                Assert.True(ApplicationTurn.IsOf(pipes.Writer));
                // One buffer holds both.
                wasHeld = pipes.Near.Buffers.InUse == 1;
            });
            Assert.False(ApplicationTurn.IsOf(pipes.Writer));
            Assert.Equal("headbody", await pipes.ReceiveAsync(8));
            await TimeLimit.Until(() => pipes.Near.Buffers.InUse == 0, "the buffer is back");
        }

        Assert.True(wasHeld);
    }

    [Fact]
    public void Code_that_blocks_after_a_flush_holds_it_back_for_an_instant_only()
    {
        var pipes = new PipeFixture();
        string? answer = null;
        RunTurn(pipes, () =>
        {
            _ = Flush(pipes, "question");
            // Blocks until the peer has what was flushed: without the watch for ever.
            answer = Task.Run(() => pipes.ReceiveAsync(8)).WithinLimit().GetAwaiter().GetResult();
        });
        Assert.Equal("question", answer);
    }

    [Fact]
    public void More_than_a_record_is_sent_at_once()
    {
        var pipes = new PipeFixture();
        RunTurn(pipes, () =>
        {
            Assert.True(Flush(pipes, new string('a', Record)).IsCompletedSuccessfully);
            _ = Flush(pipes, "b");
            Assert.Equal(0, pipes.Near.Buffers.InUse);
        });
    }

    [Fact]
    public async Task Another_thread_sends_at_once_and_in_order()
    {
        var pipes = new PipeFixture();
        string? received = null;
        RunTurn(pipes, () =>
        {
            _ = Flush(pipes, "first ");
            Task.Run(async () =>
            {
                await Flush(pipes, "second");
                received = await pipes.ReceiveAsync(12);
            }).WithinLimit().GetAwaiter().GetResult();
        });
        Assert.Equal("first second", received);
        await Flush(pipes, "third").WithinLimit();
        Assert.Equal("third", await pipes.ReceiveAsync(5));
    }

    [Fact]
    public async Task Another_connection_in_the_same_turn_sends_at_once()
    {
        var pipes = new PipeFixture();
        var others = new PipeFixture();
        RunTurn(pipes, () => ApplicationTurn.Run(others.Writer, new Code(() =>
        {
            _ = Flush(others, "other");
            Assert.Equal(0, others.Near.Buffers.InUse);
        })));
        Assert.Equal("other", await others.ReceiveAsync(5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_producer_that_fails_has_sent_what_it_flushed_and_no_more(bool isMultiplexed)
    {
        var pipes = new PipeFixture(isMultiplexed);
        RunTurn(pipes, () =>
        {
            _ = Flush(pipes, "flushed");
            Write(pipes, "not flushed");
            pipes.Writer.Complete(new IOException("it failed"));
        });
        await pipes.Writer.StopAsync().WithinLimit();
        Assert.Equal("flushed", await pipes.ReceiveAsync(7));
        Assert.Equal(0, pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task A_cancelled_flush_of_a_turn_says_so_and_loses_nothing()
    {
        var pipes = new PipeFixture();
        pipes.Writer.CancelPendingFlush();
        RunTurn(pipes, () => Assert.True(Flush(pipes, "a").Result.IsCanceled));
        Assert.Equal("a", await pipes.ReceiveAsync(1));
    }

    [Fact]
    public async Task Streams_that_flush_one_after_the_other_are_sent_in_order()
    {
        const int flushes = 5_000;
        var pipes = new PipeFixture(isMultiplexed: true);
        string expected = string.Concat(Enumerable.Range(0, flushes).Select(i => $"{i} "));
        Task<string> received = Task.Run(() => pipes.ReceiveAsync(expected.Length));
        for (int i = 0; i < flushes; i++) await Flush(pipes, $"{i} ").WithinLimit();
        Assert.Equal(expected, await received.WithinLimit());
        await pipes.Writer.StopAsync().WithinLimit();
        Assert.Equal(0, pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task On_the_thread_pool_parts_are_sent_in_order_and_nothing_is_left_behind()
    {
        const int flushes = 5_000;
        PipeFixture[] all = [new(), new(), new()];
        string expected = string.Concat(Enumerable.Range(0, flushes).Select(i => $"{i} "));
        await Task.WhenAll(all.Select(pipes => Task.Run(async () =>
        {
            Task<string> received = Task.Run(() => pipes.ReceiveAsync(expected.Length));
            for (int i = 0; i < flushes; i++) await Flush(pipes, $"{i} ").WithinLimit();
            Assert.Equal(expected, await received.WithinLimit());
            await TimeLimit.Until(() => pipes.Near.Buffers.InUse == 0, "all buffers are back");
        })));
    }

    [Fact]
    public async Task Streams_wait_for_a_peer_that_takes_nothing()
    {
        var pipes = new PipeFixture(isMultiplexed: true);
        ValueTask<FlushResult> flush = default;
        for (int i = 0; i < 1_000 && (flush = Flush(pipes, new string('a', Record))).IsCompleted; i++) await Task.Yield();
        Assert.False(flush.IsCompleted);
        // What is under way, and no more than a record behind it.
        Assert.InRange(pipes.Near.Buffers.InUse, 1, 3);
        pipes.Near.Abort(CloseReason.LocalClosed);
        Assert.True((await flush.WithinLimit()).IsCompleted);
        Assert.Equal(0, pipes.Near.Buffers.InUse);
    }

    // On a thread that is none of the pool, as an event loop is.
    private static void RunTurn(PipeFixture pipes, Action code)
    {
        Exception? failure = null;
        var loop = new Thread(() =>
        {
            try
            {
                ApplicationTurn.Run(pipes.Writer, new Code(code));
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        loop.Start();
        Assert.True(loop.Join(TimeLimit.Default));
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    private static void Write(PipeFixture pipes, string text)
    {
        int bytes = Encoding.ASCII.GetBytes(text, pipes.Writer.GetSpan(text.Length));
        pipes.Writer.Advance(bytes);
    }

    private static ValueTask<FlushResult> Flush(PipeFixture pipes, string text)
    {
        Write(pipes, text);
        return pipes.Writer.FlushAsync();
    }

    /// <summary>Code of a connection.</summary>
    private sealed class Code(Action code) : IWaiter
    {
        public void Resume() => code();
    }
}
