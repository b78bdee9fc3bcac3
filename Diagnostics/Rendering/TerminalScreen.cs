using System.Globalization;
using System.Text;
using Spectre.Console;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>
/// The alternate screen of a terminal, which leaves what was on it before untouched. It is left again when this is disposed, and when the
/// program exits in any other way but by SIGKILL.
/// </summary>
internal sealed class TerminalScreen : IDisposable
{
    private const string Escape = "\u001b[";
    // Alternate screen, no cursor, no wrapping at the end of a line.
    private const string Enter = $"{Escape}?1049h{Escape}?25l{Escape}?7l{Escape}2J";
    // With the keys of the cursor as they were, which .NET changes when it reads keys.
    private const string Leave = $"{Escape}?7h{Escape}?25h{Escape}?1l\u001b>{Escape}?1049l";

    private readonly IAnsiConsole _console;
    private readonly Lock _lock = new();
    private bool _isLeft;

    public TerminalScreen(IAnsiConsole console)
    {
        _console = console;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        Write(Enter);
    }

    public int Width => _console.Profile.Width;

    public int Height => _console.Profile.Height;

    /// <summary>Shows these lines, and nothing else. The first is set off.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        var frame = new StringBuilder();
        for (int i = 0; i < lines.Count; i++)
        {
            frame.Append(CultureInfo.InvariantCulture, $"{Escape}{i + 1};1H{Escape}K");
            frame.Append(i == 0 ? $"{Escape}1m{lines[i]}{Escape}0m" : lines[i]);
        }

        frame.Append($"{Escape}J");
        lock (_lock)
        {
            if (!_isLeft) Write(frame.ToString());
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        LeaveOnce();
    }

    private void OnExit(object? sender, EventArgs e) => LeaveOnce();

    private void LeaveOnce()
    {
        // A terminal that takes nothing holds the lock for ever, and this must not.
        bool isFree = _lock.TryEnter(TimeSpan.FromSeconds(1));
        if (!isFree) return;
        try
        {
            if (!_isLeft) Write(Leave);
            _isLeft = true;
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void Write(string text)
    {
        _console.Profile.Out.Writer.Write(text);
        _console.Profile.Out.Writer.Flush();
    }
}
