using System.Globalization;
using System.Threading.Channels;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>One table that is written over in place, with a curve of the last minute beside each value.</summary>
internal sealed class LiveRenderer : IRoundRenderer
{
    private const int CurveWidth = 20;
    private const int NarrowCurveWidth = 10;
    private const int WideEnough = 110;
    private const int ShownNotes = 4;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly IAnsiConsole _console;
    private readonly IReadOnlySet<string> _groups;
    private readonly Channel<IRenderable> _frames = Channel.CreateBounded<IRenderable>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly List<ProcessDescription> _processes = [];
    private readonly Dictionary<int, IReadOnlyDictionary<string, double>> _last = [];
    private readonly Dictionary<int, string> _ended = [];
    private readonly Queue<Round> _history = new();
    private readonly List<string> _notes = [];
    private readonly Task _drawing;
    private DateTimeOffset _started;

    public LiveRenderer(IAnsiConsole console, IReadOnlySet<string> groups)
    {
        _console = console;
        _groups = groups;
        // Drawn by a task of its own: a terminal that stands still must not hold up the samples.
        _drawing = console
            .Live(new Text("Attaching ..."))
            .Overflow(VerticalOverflow.Crop)
            .Cropping(VerticalOverflowCropping.Bottom)
            .StartAsync(DrawAsync);
    }

    public void Begin(RecordingHeader header) => _started = header.Started;

    public void Show(Round round)
    {
        _processes.AddRange(round.Met);
        foreach (Sample sample in round.Samples) _last[sample.Pid] = sample.Values;
        foreach (RecordingEvent happened in round.Events)
        {
            if (happened is { Kind: EventKind.Ended, Pid: { } pid }) _ended[pid] = TimeAt(happened.Seconds);
            else if (happened.Kind == EventKind.Warning) _notes.Add(happened.Text);
        }

        _history.Enqueue(round);
        while (_history.Peek().Seconds < round.Seconds - Remembered.TotalSeconds) _history.Dequeue();
        _frames.Writer.TryWrite(Frame(round));
    }

    public async ValueTask DisposeAsync()
    {
        _frames.Writer.TryComplete();
        await Task.WhenAny(_drawing, Task.Delay(TimeSpan.FromSeconds(2)));
    }

    private async Task DrawAsync(LiveDisplayContext context)
    {
        await foreach (IRenderable frame in _frames.Reader.ReadAllAsync())
        {
            context.UpdateTarget(frame);
            context.Refresh();
        }
    }

    private IRenderable Frame(Round round)
    {
        if (_processes.Count == 0) return new Text("Waiting for a RawEcho process. Ctrl-C to stop.");
        ProcessColumn[] columns =
            [.. _processes.Select(p => new ProcessColumn(p, _last.GetValueOrDefault(p.Pid) ?? new Dictionary<string, double>()))];
        Table table = Heading(round);
        string group = string.Empty;
        foreach (ComparisonRow row in ComparisonRows.ByGroup(columns).Where(r => _groups.Contains(r.Group)))
        {
            if (row.Group != group) table.AddRow([new Markup($"[bold]{Markup.Escape(row.Group)}[/]")]);
            group = row.Group;
            table.AddRow(Cells(row));
        }

        IEnumerable<IRenderable> notes = _notes.TakeLast(ShownNotes).Select(n => new Text(n, new Style(Color.Yellow)));
        return new Spectre.Console.Rows([table, .. notes]);
    }

    private Table Heading(Round round)
    {
        Table table = new Table().Border(TableBorder.Minimal).AddColumn(new TableColumn(TimeAt(round.Seconds)).NoWrap());
        foreach (ProcessDescription process in _processes)
        {
            string name = _ended.TryGetValue(process.Pid, out string? at) ? $"{process.Name}, ended {at}" : process.Name;
            table
                .AddColumn(new TableColumn(Markup.Escape(name)).RightAligned().NoWrap())
                .AddColumn(new TableColumn("last minute").NoWrap());
        }

        if (_processes.Count == 2) table.AddColumn(new TableColumn("ratio").RightAligned().NoWrap());
        return table;
    }

    private IEnumerable<IRenderable> Cells(ComparisonRow row)
    {
        yield return new Text($" {row.Title}");
        for (int i = 0; i < _processes.Count; i++)
        {
            bool hasEnded = _ended.ContainsKey(_processes[i].Pid);
            yield return new Text(row.Cells[i], hasEnded ? new Style(decoration: Decoration.Dim) : null);
            yield return new Text(
                row.Keys[i] is { } key ? Sparkline.Of(Curve(_processes[i].Pid, key), Width) : string.Empty, new Style(Color.Teal));
        }

        if (_processes.Count == 2) yield return new Text(row.Ratio);
    }

    private int Width => _console.Profile.Width >= WideEnough ? CurveWidth : NarrowCurveWidth;

    private double?[] Curve(int pid, string key)
    {
        return [.. _history.Select(r => ValueOf(r.Samples.FirstOrDefault(s => s.Pid == pid)))];

        double? ValueOf(Sample? sample) => sample is not null && sample.Values.TryGetValue(key, out double value) ? value : null;
    }

    private string TimeAt(double seconds) => _started.AddSeconds(seconds).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
