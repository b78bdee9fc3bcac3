using System.IO.Pipelines;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

public sealed class ConnectionWriterTests
{
    // More than the pipe of a connection in memory takes without a reader.
    private const int TooMuch = 1024 * 1024;

    private readonly PipeFixture _pipes = new();

    private PipeWriter Writer => _pipes.Writer;

    [Fact]
    public async Task A_flush_sends_what_was_written_and_gives_the_buffers_back()
    {
        Write("hello ");
        Write("world");
        Assert.Equal(11, Writer.UnflushedBytes);
        Assert.Equal(1, _pipes.Near.Buffers.InUse);
        FlushResult flushed = await Writer.FlushAsync().WithinLimit();
        Assert.True(flushed is { IsCanceled: false, IsCompleted: false });
        Assert.Equal(0, Writer.UnflushedBytes);
        Assert.Equal("hello world", await _pipes.ReceiveAsync(11));
        await TimeLimit.Until(() => _pipes.Near.Buffers.InUse == 0, "the buffer is back");
    }

    [Fact]
    public async Task Any_size_may_be_asked_for()
    {
        Write("a");
        Assert.True(Writer.GetMemory(200_000).Length >= 200_000);
        Write(new string('b', 200_000));
        Write("c");
        ValueTask<FlushResult> flush = Writer.FlushAsync();
        string received = await _pipes.ReceiveAsync(200_002);
        await flush.WithinLimit();
        Assert.Equal($"a{new string('b', 200_000)}c", received);
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.Advance(1));
    }

    [Fact]
    public async Task A_flush_waits_for_a_slow_peer_and_cancelling_it_loses_nothing()
    {
        string first = new('a', TooMuch);
        Write(first);
        ValueTask<FlushResult> flush = Writer.FlushAsync();
        Assert.False(flush.IsCompleted);
        Writer.CancelPendingFlush();
        Assert.True((await flush.WithinLimit()).IsCanceled);
        Write("end");
        ValueTask<FlushResult> next = Writer.FlushAsync();
        Assert.False(next.IsCompleted);
        Assert.Equal($"{first}end", await _pipes.ReceiveAsync(TooMuch + 3));
        Assert.False((await next.WithinLimit()).IsCanceled);
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task Cancelling_while_nothing_is_flushed_cancels_the_next_flush_alone()
    {
        Writer.CancelPendingFlush();
        Write("a");
        Assert.True((await Writer.FlushAsync().WithinLimit()).IsCanceled);
        Write("b");
        Assert.False((await Writer.FlushAsync().WithinLimit()).IsCanceled);
        Assert.Equal("ab", await _pipes.ReceiveAsync(2));
    }

    [Fact]
    public async Task A_token_cancels_the_flush_and_not_the_connection()
    {
        using var cancellation = new CancellationTokenSource();
        Write(new string('a', TooMuch));
        ValueTask<FlushResult> flush = Writer.FlushAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WithinLimit());
        Assert.Equal(TooMuch, (await _pipes.ReceiveAsync(TooMuch)).Length);
    }

    [Fact]
    public async Task After_a_failure_a_flush_says_that_nobody_reads()
    {
        Write(new string('a', TooMuch));
        ValueTask<FlushResult> flush = Writer.FlushAsync();
        _pipes.Near.Abort(CloseReason.LocalClosed);
        Assert.True((await flush.WithinLimit()).IsCompleted);
        Assert.NotNull(_pipes.OutputFailure);
        Write("more");
        Assert.True((await Writer.FlushAsync().WithinLimit()).IsCompleted);
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task Completing_sends_the_rest_unless_the_producer_failed()
    {
        Write("rest");
        Writer.Complete();
        Assert.Equal("rest", await _pipes.ReceiveAsync(4));
        await _pipes.Writer.StopAsync().WithinLimit();
        Assert.Throws<InvalidOperationException>(() => Writer.GetMemory());
        var other = new PipeFixture();
        other.Writer.GetMemory(4);
        other.Writer.Advance(4);
        await other.Writer.CompleteAsync(new InvalidOperationException("failed")).WithinLimit();
        await other.Writer.StopAsync().WithinLimit();
        Assert.Equal(0, other.Near.Buffers.InUse);
        other.Near.EndOutput();
        Assert.Equal(0, await other.Far.ReadAsync(new byte[1]).WithinLimit());
    }

    private void Write(string text)
    {
        Encoding.ASCII.GetBytes(text, Writer.GetSpan(text.Length));
        Writer.Advance(text.Length);
    }
}
