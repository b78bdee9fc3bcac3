using System.Globalization;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;
using Spectre.Console;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>One table that is written over in place, with a curve of the last minute beside each value where there is room.</summary>
internal sealed class LiveRenderer : IRoundRenderer
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenSizes = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastDrawing = TimeSpan.FromSeconds(2);

    private readonly TerminalScreen _screen;
    private readonly IReadOnlySet<string> _groups;
    private readonly bool _hasKeys;
    private readonly LiveView _view = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly List<ProcessDescription> _processes = [];
    private readonly Dictionary<int, IReadOnlyDictionary<string, double>> _last = [];
    private readonly Dictionary<int, string> _ended = [];
    private readonly Queue<Round> _history = new();
    private readonly List<string> _notes = [];
    private readonly Task _drawing;
    private LiveTable _table = new(string.Empty, [], [], (_, _, _) => string.Empty, []);
    private LiveTable? _frozen;
    private DateTimeOffset _started;
    private volatile bool _isOver;

    /// <param name="console">The terminal.</param>
    /// <param name="groups">The groups of rows to show.</param>
    /// <param name="quit">Called when the user presses the key that ends it; null where there is no keyboard.</param>
    public LiveRenderer(IAnsiConsole console, IReadOnlySet<string> groups, Action? quit = null)
    {
        _groups = groups;
        _screen = new TerminalScreen(console);
        _hasKeys = quit is not null && Keyboard.IsThere;
        if (_hasKeys) Keyboard.Follow(key => Press(key, quit!));
        // Drawn by a task of its own: a terminal that stands still must not hold up the samples.
        _drawing = Task.Run(DrawAsync);
    }

    public void Begin(RecordingHeader header) => _started = header.Started;

    public void Show(Round round)
    {
        lock (_lock)
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
            _table = Table(round);
        }

        _news.Release();
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        _news.Release();
        await Task.WhenAny(_drawing, Task.Delay(LastDrawing));
        _screen.Dispose();
    }

    private bool Press(ConsoleKeyInfo key, Action quit)
    {
        bool goesOn;
        lock (_lock)
        {
            goesOn = _view.Press(key);
            _frozen = _view.IsPaused ? _frozen ?? _table : null;
        }

        if (goesOn) _news.Release();
        else quit();
        return goesOn;
    }

    private async Task DrawAsync()
    {
        (int, int) drawn = default;
        while (true)
        {
            bool isNew = await _news.WaitAsync(BetweenSizes);
            (int Width, int Height) size = (_screen.Width, _screen.Height);
            if (isNew || size != drawn)
            {
                // Several rounds that wait are one frame.
                while (_news.Wait(0))
                {
                }

                IReadOnlyList<string> lines;
                lock (_lock) lines = LiveScreen.Lines(_frozen ?? _table, _view, size.Width, size.Height, _hasKeys);
                _screen.Draw(lines);
                drawn = size;
            }

            if (_isOver) return;
        }
    }

    private LiveTable Table(Round round)
    {
        ProcessColumn[] columns =
            [.. _processes.Select(p => new ProcessColumn(p, _last.GetValueOrDefault(p.Pid) ?? new Dictionary<string, double>()))];
        Round[] history = [.. _history];
        int[] pids = [.. _processes.Select(p => p.Pid)];
        ComparisonRow[] rows = columns.Length == 0 ? [] : [.. ComparisonRows.ByGroup(columns).Where(r => _groups.Contains(r.Group))];
        return new LiveTable(
            TimeAt(round.Seconds), [.. _processes.Select(NameOf)], rows,
            (process, key, width) => Sparkline.Of(Curve(history, pids[process], key), width), [.. _notes]);
    }

    private string NameOf(ProcessDescription process) =>
        _ended.TryGetValue(process.Pid, out string? at) ? $"{process.Name}, ended {at}" : process.Name;

    private static double?[] Curve(Round[] history, int pid, string key)
    {
        return [.. history.Select(r => ValueOf(r.Samples.FirstOrDefault(s => s.Pid == pid)))];

        double? ValueOf(Sample? sample) => sample is not null && sample.Values.TryGetValue(key, out double value) ? value : null;
    }

    private string TimeAt(double seconds) => _started.AddSeconds(seconds).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
