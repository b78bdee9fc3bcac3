using System.Text;
using RawEcho.CommandLine;
using RawEcho.Terminal;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>Writers whose sink takes nothing, or a part, or waits.</summary>
public class OutputTests
{
    private static readonly OutputError Full = new(28, "No space left on device");

    [Fact]
    public void A_text_that_is_not_taken_is_lost_and_the_next_one_is_tried_again()
    {
        var sink = new FakeSink { Room = 0 };
        using var writer = new GuardedWriter(sink);
        Assert.False(writer.TryWriteLine("one"));
        writer.WriteLine("two");
        Assert.Equal((2, Full), (writer.Failures, writer.Failure));
        sink.Room = int.MaxValue;
        Assert.True(writer.TryWriteLine("three"));
        Assert.Equal("three\n", sink.Text);
        // It has been lost all the same.
        Assert.Equal(Full, writer.Failure);
        writer.Forgive();
        Assert.Null(writer.Failure);
    }

    [Theory]
    [InlineData("lost\n", "lo", "lo\nnext\n")]
    [InlineData("a\nlost\n", "a\n", "a\nnext\n")]
    [InlineData("a\nlost\n", "a\nl", "a\nl\nnext\n")]
    public void A_line_that_was_cut_is_ended_before_anything_else_is_written(string text, string taken, string expected)
    {
        var sink = new FakeSink { Room = taken.Length };
        using var writer = new GuardedWriter(sink);
        Assert.False(writer.TryWrite(text));
        // Still no room, not even for the end of the line.
        Assert.False(writer.TryWriteLine("lost too"));
        sink.Room = int.MaxValue;
        writer.WriteLine("next");
        Assert.Equal(expected, sink.Text);
    }

    [Fact]
    public async Task What_may_wait_for_nobody_does_not_wait_for_a_writer_that_is_stuck()
    {
        var sink = new FakeSink { IsStuck = true };
        using var writer = new GuardedWriter(sink);
        Assert.False(writer.TryWriteNow("a"));
        Task<bool> stuck = Task.Run(() => writer.TryWriteLine("stuck"));
        await sink.Waiting.WithinLimit();
        Assert.False(writer.TryWriteNow("b"));
        sink.Release();
        Assert.True(await stuck.WithinLimit());
        Assert.True(writer.TryWriteNow("c"));
        Assert.Equal("stuck\nc", sink.Text);
        Assert.Equal(0, writer.Failures);
    }

    [Fact]
    public async Task A_reader_that_is_gone_is_noticed_without_writing()
    {
        var sink = new FakeSink();
        using var writer = new GuardedWriter(sink);
        Task unread = writer.WaitUntilUnreadAsync(TestContext.Current.CancellationToken);
        Assert.False(unread.IsCompleted);
        sink.IsRead = false;
        await unread.WithinLimit();
        Assert.True(writer.IsUnread);
    }

    [Fact]
    public async Task A_log_counts_what_it_lost_and_says_so_when_there_is_room()
    {
        var sink = new FakeSink { Room = "first\nli".Length };
        using var writer = new GuardedWriter(sink);
        await using (var log = new ConsoleLog(writer))
        {
            log.Line("first");
            log.Lines(["line", "of two"], "both", new LogFacts("test"));
            log.Line("another");
            await TimeLimit.Until(() => writer.Failures >= 2, "the log has met the full disk");
            sink.Room = int.MaxValue;
            log.Line("last");
        }

        Assert.Equal("first\nli\n(3 lines were lost: standard output could not be written: No space left on device.)\nlast\n", sink.Text);
        Assert.Null(writer.Failure);
    }

    [Fact]
    public async Task A_log_that_is_never_written_again_is_a_failure()
    {
        var sink = new FakeSink { Room = 0 };
        using var writer = new GuardedWriter(sink);
        await using (var log = new ConsoleLog(writer)) log.Line("lost");
        Assert.Equal(Full, writer.Failure);
    }

    [Fact]
    public async Task A_log_that_is_stuck_holds_up_neither_lines_nor_the_end()
    {
        var sink = new FakeSink { IsStuck = true };
        using var writer = new GuardedWriter(sink);
        await using (var log = new ConsoleLog(writer))
        {
            for (int i = 0; i < 10_000; i++) log.Line("line");
        }

        Assert.Equal("nobody reads it", writer.Failure?.Message);
        sink.Release();
    }

    [Fact]
    public void Data_is_in_utf8_whatever_the_console_is_set_to()
    {
        using var taken = new MemoryStream();
        using var writer = new GuardedWriter(new StreamSink(taken), Encoding.Latin1);
        writer.TryWrite("\u00b5");
        writer.UseUtf8();
        writer.TryWrite("\u00b5");
        Assert.Equal([0xB5, 0xC2, 0xB5], taken.ToArray());
        Assert.Empty(writer.Encoding.GetPreamble());
    }

    /// <summary>Takes so many bytes, or waits.</summary>
    private sealed class FakeSink : OutputSink
    {
        private readonly MemoryStream _taken = new();
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _release = new(initialState: true);

        /// <summary>Bytes that are still taken; int.MaxValue for any number.</summary>
        public int Room { get; set; } = int.MaxValue;

        public bool IsStuck { init => _release.Reset(); }

        public bool IsRead { get; set; } = true;

        /// <summary>Completes when a write waits.</summary>
        public Task Waiting => _waiting.Task;

        public string Text => Encoding.UTF8.GetString(_taken.ToArray());

        public override bool IsReady => _release.IsSet;

        public override bool HasReader => IsRead;

        public void Release() => _release.Set();

        public override OutputError? Write(ReadOnlySpan<byte> bytes, out int written)
        {
            _waiting.TrySetResult();
            _release.Wait();
            written = Math.Min(Room, bytes.Length);
            if (Room != int.MaxValue) Room -= written;
            _taken.Write(bytes[..written]);
            return written == bytes.Length ? null : Full;
        }
    }
}
