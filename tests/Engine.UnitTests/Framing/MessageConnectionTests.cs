using System.Text;
using Microsoft.IO;
using RawEcho.Engine.Framing;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Framing;

/// <summary>Messages over a connection in memory.</summary>
public sealed class MessageConnectionTests : IDisposable
{
    private readonly MemoryConnection _peer;
    private readonly MemoryConnection _connection;
    private readonly MessageConnection _messages;

    public MessageConnectionTests()
    {
        (_peer, _connection) = MemoryConnection.CreatePair();
        _messages = new MessageConnection(_connection, LineFraming.WithLf, maxMessageBytes: 20);
    }

    private int Held => (int)_connection.Lifetime.Services.Messages.Count.StreamsInUse + _connection.Buffers.InUse;

    public void Dispose() => _messages.Dispose();

    [Fact]
    public async Task Messages_that_came_together_are_read_without_another_wait()
    {
        await SendAsync("one\ntwo\nthr");
        Assert.Equal("one", await ReadAsync());
        ValueTask<RecyclableMemoryStream?> second = _messages.ReadAsync();
        Assert.True(second.IsCompleted);
        Assert.Equal("two", Text((await second)!));
        ValueTask<RecyclableMemoryStream?> third = _messages.ReadAsync();
        Assert.False(third.IsCompleted);
        await SendAsync("ee\n");
        Assert.Equal("three", Text((await third.WithinLimit())!));
    }

    [Fact]
    public async Task What_was_written_goes_out_when_a_read_waits_and_not_before()
    {
        await SendAsync("a\nb\nc\n");
        for (int i = 0; i < 3; i++)
        {
            RecyclableMemoryStream message = (await _messages.ReadAsync().WithinLimit())!;
            await _messages.WriteAsync(message);
            Assert.Equal(2 * (i + 1), _messages.UnsentBytes);
        }

        Task<RecyclableMemoryStream?> next = _messages.ReadAsync().AsTask();
        Assert.Equal("a\nb\nc\n", await ReceiveAsync(6));
        Assert.Equal(1, _connection.Io.WriteOperations);
        await EndAsync(next);
    }

    [Fact]
    public async Task Enough_goes_out_at_once()
    {
        byte[] twenty = Encoding.ASCII.GetBytes(new string('x', 1000));
        Task<string> received = ReceiveAsync(66 * 1001);
        for (int i = 0; i < 66; i++) await _messages.WriteAsync(twenty).WithinLimit();
        Assert.True(_connection.Io.BytesSent >= 65_536);
        await _messages.FlushAsync().WithinLimit();
        Assert.Equal(66, (await received.WithinLimit()).Count(c => c == '\n'));
    }

    [Fact]
    public async Task Nothing_is_held_while_nothing_is_in_hand()
    {
        await SendAsync("one\n");
        Assert.Equal("one", await ReadAsync());
        Assert.Equal(2, Held);
        Task<RecyclableMemoryStream?> next = _messages.ReadAsync().AsTask();
        await TimeLimit.Until(() => Held == 0, "stream and buffer are back");
        Assert.False(_connection.Lifetime.Activity.IsBusy);
        await EndAsync(next);
    }

    [Fact]
    public async Task It_is_busy_from_the_first_byte_until_the_next_read()
    {
        Task<RecyclableMemoryStream?> message = _messages.ReadAsync().AsTask();
        Assert.False(_connection.Lifetime.Activity.IsBusy);
        await SendAsync("o");
        await TimeLimit.Until(() => _connection.Lifetime.Activity.IsBusy, "it is busy inside a message");
        await SendAsync("ne\n");
        Assert.Equal("one", Text((await message.WithinLimit())!));
        Assert.True(_connection.Lifetime.Activity.IsBusy);
        await EndAsync(_messages.ReadAsync().AsTask());
    }

    [Fact]
    public async Task A_message_that_is_cut_off_is_no_end_in_order()
    {
        await SendAsync("one\ntw");
        Assert.Equal("one", await ReadAsync());
        Task<RecyclableMemoryStream?> cut = _messages.ReadAsync().AsTask();
        _peer.EndOutput();
        MessageException e = await Assert.ThrowsAsync<MessageException>(() => cut.WithinLimit());
        Assert.Equal((CloseReason.MessageCutOff, "The peer closed after 2 bytes of a message."), (e.Reason, e.Message));
        _messages.Dispose();
        Assert.Equal(0, Held);
    }

    [Fact]
    public async Task Too_large_a_message_ends_it_and_leaves_nothing()
    {
        await SendAsync("this line has more than twenty bytes\n");
        MessageException e = await Assert.ThrowsAsync<MessageException>(() => _messages.ReadAsync().AsTask().WithinLimit());
        Assert.Equal(CloseReason.MessageTooLarge, e.Reason);
        _messages.Dispose();
        Assert.Equal(0, Held);
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_takes_nothing_with_it()
    {
        await _messages.WriteAsync("good"u8.ToArray());
        await Assert.ThrowsAsync<ArgumentException>(() => _messages.WriteAsync("ba\nd"u8.ToArray()).AsTask());
        await _messages.WriteAsync("good too"u8.ToArray());
        await _messages.FlushAsync().WithinLimit();
        Assert.Equal("good\ngood too\n", await ReceiveAsync(14));
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_leaves_nothing_to_send()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _messages.WriteAsync("ba\nd"u8.ToArray()).AsTask());
        Assert.Equal(0, Held);
        await _messages.FlushAsync().WithinLimit();
        Assert.Equal(0, _connection.Io.WriteOperations);
    }

    [Fact]
    public async Task A_read_that_was_left_behind_gives_back_what_it_holds_when_it_ends()
    {
        await SendAsync("part");
        Task<RecyclableMemoryStream?> left = _messages.ReadAsync().AsTask();
        await TimeLimit.Until(() => _connection.Lifetime.Activity.IsBusy, "a part has come");
        await Assert.ThrowsAsync<InvalidOperationException>(() => _messages.ReadAsync().AsTask());
        _messages.Dispose();
        await SendAsync("ial\n");
        // Its stream is in the pool, and may be somebody else's.
        Assert.Null(await left.WithinLimit());
        Assert.Equal(0, Held);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _messages.ReadAsync().AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _messages.WriteAsync("x"u8.ToArray()).AsTask());
    }

    [Fact]
    public async Task Many_may_write_at_a_time()
    {
        const int writers = 8, each = 500;
        string line = new('y', 19);
        Task<string> received = ReceiveAsync(writers * each * 20);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++)
            {
                await _messages.WriteAsync(Encoding.ASCII.GetBytes(line));
                await _messages.FlushAsync();
            }
        }))).WithinLimit();
        Assert.All((await received.WithinLimit()).TrimEnd('\n').Split('\n'), l => Assert.Equal(line, l));
    }

    [Fact]
    public async Task A_message_that_was_disposed_of_is_not_lent_again()
    {
        await SendAsync("one\ntwo\n");
        RecyclableMemoryStream message = (await _messages.ReadAsync().WithinLimit())!;
        await message.DisposeAsync();
        Assert.Equal("two", await ReadAsync());
    }

    private static string Text(RecyclableMemoryStream message)
    {
        Assert.Equal(0, message.Position);
        return Encoding.Latin1.GetString(message.GetReadOnlySequence());
    }

    private Task SendAsync(string text) => _peer.Bytes.WriteAsync(Encoding.Latin1.GetBytes(text)).WithinLimit();

    private async Task<string> ReadAsync() => Text((await _messages.ReadAsync().WithinLimit())!);

    private async Task<string> ReceiveAsync(int bytes)
    {
        byte[] received = new byte[bytes];
        await _peer.Bytes.ReadExactlyAsync(received).WithinLimit();
        return Encoding.Latin1.GetString(received);
    }

    private async Task EndAsync(Task<RecyclableMemoryStream?> last)
    {
        _peer.EndOutput();
        Assert.Null(await last.WithinLimit());
        Assert.Equal(CloseReason.PeerClosed, _connection.EndOfStream);
        Assert.Equal(0, Held);
    }
}
