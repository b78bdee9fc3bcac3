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
    private const int RuleWidth = 80;
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(2);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly GuardedWriter _output;
    private readonly LogFormat _format;
    private readonly Task _writer;
    private long _lost;
    private long _taken;

    /// <param name="output">Where lines go.</param>
    /// <param name="format">How they are written.</param>
    public ConsoleLog(GuardedWriter output, LogFormat format = LogFormat.Text)
    {
        (_output, _format) = (output, format);
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Writes a line, some time soon. Whatever is in it, it is one line, and steers no terminal.</summary>
    /// <param name="line">The line.</param>
    /// <param name="facts">What it says, for programs; null where that is all.</param>
    public void Line(string line, LogFacts? facts = null) => Put(Written([line], line, facts));

    /// <summary>Writes lines that belong together: nothing comes between them. In JSON they are one object.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="summary">What they are about, as the message of the object.</param>
    /// <param name="facts">What they say, for programs.</param>
    public void Lines(IEnumerable<string> lines, string summary, LogFacts facts) => Put(Written(lines, summary, facts));

    /// <summary>Writes an event: a line with date, time and zone before it (ISO 8601), where the reader does not note them.</summary>
    /// <param name="line">The line.</param>
    /// <param name="facts">What has happened, for programs; null where the line is all.</param>
    public void Event(string line, LogFacts? facts = null)
    {
        if (_format != LogFormat.Text) Line(line, facts);
        else Line($"{DateTimeOffset.Now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)} {line}");
    }

    /// <summary>Draws a line below what was written, where people read it.</summary>
    public void Rule()
    {
        if (_format == LogFormat.Text) Put(new string('-', RuleWidth));
    }

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

    private string Written(IEnumerable<string> lines, string summary, LogFacts? facts) => _format switch
    {
        LogFormat.Json => LogObject.Of(DateTimeOffset.Now, summary, facts ?? LogFacts.OfMessage),
        LogFormat.Journal =>
            string.Join(Environment.NewLine, lines.Select(l => $"{JournalPriority.Prefix(facts)}{PeerText.Clean(l)}")),
        _ => string.Join(Environment.NewLine, lines.Select(PeerText.Clean)),
    };

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
        string sentence = FormattableString.Invariant($"{lost} lines were lost: standard output {why}.");
        string line = Written([_format == LogFormat.Text ? $"({sentence})" : sentence], sentence, new("lines-lost", ("lines", lost)));
        if (!_output.TryWriteLine(line)) return false;
        Interlocked.Add(ref _lost, -lost);
        _output.Forgive();
        return true;
    }
}
