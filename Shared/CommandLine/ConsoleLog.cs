using System.Globalization;
using System.Threading.Channels;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>
/// Lines for standard output that never hold up who writes them: one task writes them, and lines are lost and counted where the output is
/// stuck (a stopped pager, a full pipe) or fails (a full disk). The count stands in the log as soon as it can be written again.
/// </summary>
public sealed class ConsoleLog : IAsyncDisposable
{
    private const int Capacity = 8192;
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(2);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly GuardedWriter _output;
    private readonly Task _writer;
    private long _lost;
    private long _taken;

    /// <param name="output">Where lines go.</param>
    public ConsoleLog(GuardedWriter output)
    {
        _output = output;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Writes a line, some time soon. Whatever is in it, it is one line, and steers no terminal.</summary>
    public void Line(string line) => Put(PeerText.Clean(line));

    /// <summary>Writes lines that belong together: nothing comes between them.</summary>
    public void Lines(IEnumerable<string> lines) => Put(string.Join(Environment.NewLine, lines.Select(PeerText.Clean)));

    /// <summary>Writes an event: a line with the time of day before it.</summary>
    public void Event(string line) => Line($"{DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {line}");

    /// <summary>Waits until all lines are written, for five seconds at most, or until the output has been stuck for two.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        long end = Environment.TickCount64 + (long)LongestFlush.TotalMilliseconds, before = -1;
        while (Environment.TickCount64 < end && Interlocked.Read(ref _taken) is var taken && taken != before)
        {
            before = taken;
            if (await Task.WhenAny(_writer, Task.Delay(LongestStandstill)) == _writer) return;
        }

        _output.GiveUp("nobody reads it");
    }

    private void Put(string text)
    {
        if (!_lines.Writer.TryWrite(text)) Lose(text);
    }

    private async Task WriteAsync()
    {
        await foreach (string line in _lines.Reader.ReadAllAsync())
        {
            if (!TryTellLoss() || !_output.TryWriteLine(line)) Lose(line);
            Interlocked.Increment(ref _taken);
        }

        TryTellLoss();
    }

    private void Lose(string line) => Interlocked.Add(ref _lost, 1 + line.Count('\n'));

    // True when there is nothing to tell, too.
    private bool TryTellLoss()
    {
        long lost = Interlocked.Read(ref _lost);
        if (lost == 0) return true;
        string why = _output.Failure is { } failure ? $"could not be written: {failure.Message}" : "was stuck";
        if (!_output.TryWriteLine(FormattableString.Invariant($"({lost} lines were lost: standard output {why}.)"))) return false;
        Interlocked.Add(ref _lost, -lost);
        _output.Forgive();
        return true;
    }
}
