using System.Collections.Concurrent;
using System.Text;
using RawEcho.CommandLine;
using RawEcho.Terminal;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>A key log whose file does not take its lines: whoever hands them over never waits, and what was lost is counted.</summary>
public class KeyLogWriterTests
{
    private static readonly OutputError NoSpace = new(28, "No space left on device"), Full = new(11, "Resource temporarily unavailable");

    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly FakeFile _file = new();

    [Fact]
    public async Task Lines_wait_for_a_file_that_has_no_room_for_a_moment()
    {
        _file.Error = NoSpace;
        using (KeyLogWriter writer = Create())
        {
            writer.Add("one\n"u8);
            await TimeLimit.Until(() => !_warnings.IsEmpty, "the user has been told");
            writer.Add("two\n"u8);
            _file.Error = null;
            await TimeLimit.Until(() => _file.Lines.Count == 2, "both lines are written");
        }

        Assert.Equal(["one\n", "two\n"], _file.Lines);
        const string warning = "WARNING: --keylog: no more is written for now: keys: No space left on device.";
        Assert.StartsWith(warning, Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_not_written_in_the_end_is_counted(bool isPipe)
    {
        const int lines = KeyLogWriter.Capacity + 1000;
        _file.Error = isPipe ? Full : NoSpace;
        using (KeyLogWriter writer = Create())
        {
            for (int i = 0; i < lines; i++) writer.Add("line\n"u8);
        }

        Assert.Equal(2, _warnings.Count);
        Assert.Equal($"WARNING: --keylog: {lines} lines were lost.", _warnings.Last());
    }

    [Fact]
    public async Task A_write_that_never_returns_holds_up_neither_lines_nor_the_end()
    {
        _file.Hangs.Reset();
        KeyLogWriter writer = Create();
        writer.Add("one\n"u8);
        await TimeLimit.Until(() => _file.IsHanging, "the writing thread hangs");
        for (int i = 0; i < 10; i++) writer.Add("more\n"u8);
        writer.Dispose();
        Assert.Equal("WARNING: --keylog: 11 lines were lost.", Assert.Single(_warnings));
        _file.Hangs.Set();
    }

    [Fact]
    public async Task A_reader_that_is_slow_gets_all_lines_at_the_end()
    {
        _file.Error = Full;
        KeyLogWriter writer = Create();
        writer.Add("one\n"u8);
        writer.Add("two\n"u8);
        await TimeLimit.Until(() => !_warnings.IsEmpty, "the pipe is full");
        _file.GetsRoomWhenWaitedFor = true;
        await Task.Run(writer.Dispose).WithinLimit();
        Assert.Equal(["one\n", "two\n"], _file.Lines);
        Assert.Single(_warnings);
    }

    private KeyLogWriter Create() => new(_file, "keys", warning =>
    {
        _warnings.Enqueue(warning);
        return true;
    });

    private sealed class FakeFile : IKeyLogSink
    {
        private volatile OutputError? _error;

        public OutputError? Error { set => _error = value; }

        public ManualResetEventSlim Hangs { get; } = new(initialState: true);

        public bool IsHanging { get; private set; }

        public bool GetsRoomWhenWaitedFor { get; set; }

        public ConcurrentQueue<string> Lines { get; } = new();

        public OutputError? TryWrite(ReadOnlySpan<byte> line)
        {
            IsHanging = !Hangs.IsSet;
            Hangs.Wait();
            if (_error is null) Lines.Enqueue(Encoding.UTF8.GetString(line));
            return _error;
        }

        public void WaitForRoom(TimeSpan longest)
        {
            if (GetsRoomWhenWaitedFor) _error = null;
            else Thread.Sleep(1);
        }
    }
}
