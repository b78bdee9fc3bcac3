namespace RawEcho.Client;

/// <summary>
/// Progress on standard error: one line that is written over on a terminal, and a plain line every few seconds elsewhere.
/// </summary>
internal sealed class StatusLine(bool silent)
{
    private static readonly TimeSpan BetweenPlainLines = TimeSpan.FromSeconds(3);
    private readonly bool _isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
    private DateTime _nextPlainLine = DateTime.UtcNow + BetweenPlainLines;
    private bool _isShown;

    /// <summary>Shows where the run stands.</summary>
    public void Show(string text)
    {
        if (silent) return;
        if (_isTerminal)
        {
            const string backAndErase = "\r\u001b[K";
            Console.Error.Write(backAndErase + text);
            _isShown = true;
        }
        else if (DateTime.UtcNow >= _nextPlainLine)
        {
            Console.Error.WriteLine(text);
            _nextPlainLine = DateTime.UtcNow + BetweenPlainLines;
        }
    }

    /// <summary>Takes the live line away, so that other output begins on a clean one.</summary>
    public void Clear()
    {
        if (_isShown) Console.Error.Write("\r\u001b[K");
        _isShown = false;
    }
}
