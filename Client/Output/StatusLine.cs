using RawEcho.Terminal;

namespace RawEcho.Client.Output;

/// <summary>
/// Progress on standard error: one line that is written over on a terminal, and a plain line every few seconds elsewhere. A terminal that
/// is dumb (TERM) gets plain lines; one that wants no colour (NO_COLOR, no-color.org) gets none.
/// Progress that nobody takes is left out: it holds up no run and ends none.
/// </summary>
/// <param name="silent">Show nothing.</param>
/// <param name="liveOnly">Show nothing where the line cannot be written over: the results themselves tell how far it is.</param>
internal sealed class StatusLine(bool silent, bool liveOnly = false)
{
    private const int PlainLineMilliseconds = 3000;
    private readonly bool _isTerminal = AnsiTerminal.IsError;
    private readonly bool _hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    // The last second is written a little before it is over, as seen from here.
    private long _nextPlainLine = Environment.TickCount64 + PlainLineMilliseconds - 100;
    private bool _isShown;

    /// <summary>Shows where the run stands.</summary>
    /// <param name="text">One line.</param>
    /// <param name="isBad">True when something has gone wrong: where there is colour, the line is red.</param>
    public void Show(string text, bool isBad = false)
    {
        if (silent) return;
        if (_isTerminal)
        {
            const string backAndErase = "\r\u001b[K", red = "\u001b[31m", plain = "\u001b[0m";
            if (StandardStreams.Error.TryWriteNow(backAndErase + (isBad && _hasColour ? red + text + plain : text))) _isShown = true;
        }
        else if (!liveOnly && Environment.TickCount64 >= _nextPlainLine)
        {
            StandardStreams.Error.TryWriteNow(text + Environment.NewLine);
            _nextPlainLine = Environment.TickCount64 + PlainLineMilliseconds - 100;
        }
    }

    /// <summary>Takes the live line away, so that other output begins on a clean one.</summary>
    public void Clear()
    {
        if (_isShown) StandardStreams.Error.TryWriteNow("\r\u001b[K");
        _isShown = false;
    }
}
