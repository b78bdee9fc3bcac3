using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

public sealed class ConnectionReaderTests
{
    private readonly PipeFixture _pipes = new();

    private PipeReader Reader => _pipes.Reader;

    [Fact]
    public async Task A_read_that_waits_holds_no_buffer_and_what_is_consumed_gives_its_own_back()
    {
        ValueTask<ReadResult> read = Reader.ReadAsync();
        Assert.False(read.IsCompleted);
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
        await _pipes.SendAsync("hello");
        ReadResult result = await read.WithinLimit();
        Assert.Equal("hello", PipeFixture.TextOf(result));
        Assert.Equal(1, _pipes.Near.Buffers.InUse);
        Reader.AdvanceTo(result.Buffer.End);
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task What_is_examined_and_not_consumed_comes_again_together_with_more()
    {
        await _pipes.SendAsync("one ");
        ReadResult first = await Reader.ReadAsync().WithinLimit();
        Reader.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);
        ValueTask<ReadResult> read = Reader.ReadAsync();
        Assert.False(read.IsCompleted);
        await _pipes.SendAsync("two");
        Assert.Equal("ne two", PipeFixture.TextOf(await read.WithinLimit()));
    }

    [Fact]
    public async Task What_is_not_examined_comes_again_at_once()
    {
        await _pipes.SendAsync("GET /");
        ReadResult first = await Reader.ReadAsync().WithinLimit();
        Reader.AdvanceTo(first.Buffer.Start, first.Buffer.GetPosition(3));
        Assert.True(Reader.TryRead(out ReadResult second));
        Assert.Equal("GET /", PipeFixture.TextOf(second));
        Reader.AdvanceTo(second.Buffer.GetPosition(3));
        ValueTask<ReadResult> third = Reader.ReadAsync();
        Assert.True(third.IsCompleted);
        Assert.Equal(" /", PipeFixture.TextOf(await third));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_leaves_its_data_to_the_next_one()
    {
        ValueTask<ReadResult> read = Reader.ReadAsync();
        Reader.CancelPendingRead();
        ReadResult cancelled = await read.WithinLimit();
        Assert.True(cancelled is { IsCanceled: true, IsCompleted: false, Buffer.IsEmpty: true });
        Reader.AdvanceTo(cancelled.Buffer.End);
        ValueTask<ReadResult> next = Reader.ReadAsync();
        await _pipes.SendAsync("data");
        ReadResult result = await next.WithinLimit();
        Assert.False(result.IsCanceled);
        Assert.Equal("data", PipeFixture.TextOf(result));
        Assert.Equal(CloseReason.None, _pipes.Near.EndOfStream);
    }

    [Fact]
    public async Task Cancelling_while_nobody_reads_cancels_the_next_read_alone()
    {
        Reader.CancelPendingRead();
        await _pipes.SendAsync("data");
        ReadResult cancelled = await Reader.ReadAsync().WithinLimit();
        Assert.True(cancelled.IsCanceled);
        Reader.AdvanceTo(cancelled.Buffer.Start);
        ReadResult result = await _pipes.ReadAtLeastAsync(4);
        Assert.Equal((false, "data"), (result.IsCanceled, PipeFixture.TextOf(result)));
    }

    [Fact]
    public async Task A_token_cancels_the_read_and_not_the_connection()
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask<ReadResult> read = Reader.ReadAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WithinLimit());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Reader.ReadAsync(cancellation.Token).WithinLimit());
        await _pipes.SendAsync("data");
        Assert.Equal("data", PipeFixture.TextOf(await _pipes.ReadAtLeastAsync(4)));
    }

    [Fact]
    public async Task The_end_of_the_stream_comes_with_what_was_left_and_stays()
    {
        await _pipes.SendAsync("rest");
        ReadResult rest = await Reader.ReadAsync().WithinLimit();
        _pipes.Far.EndOutput();
        Reader.AdvanceTo(rest.Buffer.Start, rest.Buffer.End);
        ReadResult end = await Reader.ReadAsync().WithinLimit();
        Assert.Equal((true, "rest"), (end.IsCompleted, PipeFixture.TextOf(end)));
        Reader.AdvanceTo(end.Buffer.End);
        Assert.True((await Reader.ReadAsync().WithinLimit()) is { IsCompleted: true, Buffer.IsEmpty: true });
        Assert.Equal(1, _pipes.InputEnded);
        Assert.Null(_pipes.InputFailure);
    }

    [Fact]
    public async Task The_end_is_noticed_while_the_consumer_is_at_work()
    {
        await _pipes.SendAsync("request");
        ReadResult request = await Reader.ReadAsync().WithinLimit();
        Reader.AdvanceTo(request.Buffer.End);
        _pipes.Far.EndOutput();
        await TimeLimit.Until(() => _pipes.InputEnded == 1, "the end is noticed");
    }

    [Fact]
    public async Task It_looks_ahead_by_one_buffer_and_no_more()
    {
        await _pipes.SendAsync("request");
        ReadResult request = await Reader.ReadAsync().WithinLimit();
        Reader.AdvanceTo(request.Buffer.End);
        Task sending = _pipes.Far.WriteAsync(new byte[1024 * 1024]).AsTask();
        await TimeLimit.Until(() => _pipes.Near.Buffers.InUse == 1, "it looks ahead");
        await Task.Delay(50);
        Assert.Equal(1, _pipes.Near.Buffers.InUse);
        Assert.False(sending.IsCompleted);
    }

    [Fact]
    public async Task Completing_gives_all_buffers_back_and_ends_reading()
    {
        await _pipes.SendAsync(new string('a', 10_000));
        ReadResult result = await _pipes.ReadAtLeastAsync(10_000);
        Assert.Equal(10_000, result.Buffer.Length);
        Reader.Complete();
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Reader.ReadAsync().WithinLimit());
        Assert.Throws<InvalidOperationException>(() => Reader.TryRead(out _));
    }

    [Fact]
    public async Task Misuse_is_refused()
    {
        await _pipes.SendAsync("data");
        ReadResult result = await Reader.ReadAsync().WithinLimit();
        SequencePosition start = result.Buffer.Start, second = result.Buffer.GetPosition(2);
        Assert.Throws<InvalidOperationException>(() => Reader.AdvanceTo(second, start));
        Reader.AdvanceTo(result.Buffer.End);
        Assert.Throws<InvalidOperationException>(() => Reader.AdvanceTo(start));
        ValueTask<ReadResult> waiting = Reader.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Reader.ReadAsync().WithinLimit());
        await _pipes.SendAsync("more");
        Assert.Equal("more", PipeFixture.TextOf(await waiting.WithinLimit()));
    }

    [Fact]
    public async Task An_abort_fails_the_read()
    {
        ValueTask<ReadResult> read = Reader.ReadAsync();
        _pipes.Near.Abort(CloseReason.LocalClosed);
        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => read.WithinLimit());
        Assert.True(thrown is ConnectionAbortedException or ConnectionResetException, thrown.ToString());
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
    }

    [Fact]
    public async Task Stopping_waits_for_a_fill_that_is_under_way_and_loses_no_buffer()
    {
        ValueTask<ReadResult> read = Reader.ReadAsync();
        Task stopped = _pipes.Reader.StopAsync();
        Assert.False(stopped.IsCompleted);
        await _pipes.SendAsync("late");
        await stopped.WithinLimit();
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
        Assert.False(read.IsCompleted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Bytes_come_in_order_however_they_are_cut_consumed_and_cancelled(int seed)
    {
        const int total = 2_000_000;
        byte[] data = new byte[total];
        new Random(seed).NextBytes(data);
        Task sending = SendInPiecesAsync(data, new Random(seed + 1));
        using var stop = new CancellationTokenSource();
        Task cancelling = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Reader.CancelPendingRead();
                await Task.Yield();
            }
        });
        byte[] received = await ReceiveInPiecesAsync(total, new Random(seed + 2)).WithinLimit();
        await stop.CancelAsync();
        await cancelling.WithinLimit();
        await sending.WithinLimit();
        Assert.True(data.AsSpan().SequenceEqual(received));
        Reader.Complete();
        Assert.Equal(0, _pipes.Near.Buffers.InUse);
    }

    private async Task SendInPiecesAsync(byte[] data, Random random)
    {
        for (int sent = 0; sent < data.Length;)
        {
            int piece = Math.Min(random.Next(1, 30_000), data.Length - sent);
            await _pipes.Far.WriteAsync(data.AsMemory(sent, piece));
            sent += piece;
            if (random.Next(4) == 0) await Task.Yield();
        }
    }

    private async Task<byte[]> ReceiveInPiecesAsync(int total, Random random)
    {
        byte[] received = new byte[total];
        for (int filled = 0; filled < total;)
        {
            ReadResult result = await Reader.ReadAsync();
            int available = (int)result.Buffer.Length;
            int consumed = random.Next(available + 1);
            result.Buffer.Slice(0, consumed).CopyTo(received.AsSpan(filled));
            filled += consumed;
            long examined = random.Next(2) == 0 ? available : random.Next(consumed, available + 1);
            Reader.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.GetPosition(examined));
            // Nothing more comes at the end: what is left must not count as examined.
            if (filled + available - consumed == total && examined == available && consumed < available) Reader.CancelPendingRead();
        }

        return received;
    }
}
