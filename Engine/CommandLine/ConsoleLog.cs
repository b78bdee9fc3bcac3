using System.Globalization;
using System.Threading.Channels;

namespace RawEcho.CommandLine;

/// <summary>
/// Lines for standard output that never hold up who writes them: one task writes to the console, and when that is
/// stuck (a stopped pager, a full pipe) lines are dropped and counted instead of stalling an event loop.
/// </summary>
public sealed class ConsoleLog : IAsyncDisposable
{
    private const int Capacity = 8192;
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly TextWriter _output;
    private readonly Task _writer;
    private long _dropped;

    /// <param name="output">Where lines go; null for standard output.</param>
    public ConsoleLog(TextWriter? output = null)
    {
        _output = output ?? Console.Out;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Writes a line, some time soon.</summary>
    public void Line(string line)
    {
        if (!_lines.Writer.TryWrite(line)) Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes an event: a line with the time of day before it.</summary>
    public void Event(string line) => Line($"{DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {line}");

    /// <summary>Waits until all lines are written, or until the console has been stuck for five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writer, Task.Delay(LongestFlush));
    }

    private async Task WriteAsync()
    {
        await foreach (string line in _lines.Reader.ReadAllAsync())
        {
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                await _output.WriteLineAsync($"({dropped} lines were dropped: standard output was stuck.)");
            await _output.WriteLineAsync(line);
        }
    }
}
