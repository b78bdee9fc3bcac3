namespace RawEcho.Diagnostics.Rendering;

/// <summary>What the user has chosen to see.</summary>
internal sealed class LiveView
{
    /// <summary>The order of the rows.</summary>
    public RowOrder Order { get; private set; }

    /// <summary>Rows above the screen.</summary>
    public int FirstRow { get; private set; }

    /// <summary>Processes to the left of the screen.</summary>
    public int FirstProcess { get; private set; }

    /// <summary>Whether the values stand still. Samples are taken all the same.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Whether the keys are explained.</summary>
    public bool ShowsHelp { get; private set; }

    /// <summary>Rows that fit on the screen, as of the last frame.</summary>
    public int PageRows { get; set; } = 1;

    /// <summary>Follows a key.</summary>
    /// <returns>False for the key that ends it.</returns>
    public bool Press(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { KeyChar: 'q' or 'Q' }:
                return false;
            case { KeyChar: '?' or 'h' }:
                ShowsHelp = !ShowsHelp;
                break;
            case { Key: ConsoleKey.Escape }:
                ShowsHelp = false;
                break;
            case { KeyChar: 'p' or ' ' }:
                IsPaused = !IsPaused;
                break;
            case { KeyChar: 's' }:
                Order = (RowOrder)(((int)Order + 1) % Enum.GetValues<RowOrder>().Length);
                FirstRow = 0;
                break;
            default:
                Move(key);
                break;
        }

        return true;
    }

    /// <summary>Keeps the position inside of what there is.</summary>
    public void Limit(int rows, int processes, int shownProcesses)
    {
        FirstRow = Math.Clamp(FirstRow, 0, Math.Max(0, rows - PageRows));
        FirstProcess = Math.Clamp(FirstProcess, 0, Math.Max(0, processes - shownProcesses));
    }

    private void Move(ConsoleKeyInfo key)
    {
        int page = Math.Max(1, PageRows - 1);
        (int rows, int processes) = key switch
        {
            { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' } => (-1, 0),
            { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' } => (1, 0),
            { Key: ConsoleKey.PageUp } or { KeyChar: 'b' } => (-page, 0),
            { Key: ConsoleKey.PageDown } or { KeyChar: 'f' } => (page, 0),
            { Key: ConsoleKey.LeftArrow } => (0, -1),
            { Key: ConsoleKey.RightArrow } => (0, 1),
            { Key: ConsoleKey.Home } or { KeyChar: 'g' } => (-FirstRow, 0),
            { Key: ConsoleKey.End } or { KeyChar: 'G' } => (int.MaxValue / 2, 0),
            _ => (0, 0),
        };
        FirstRow += rows;
        FirstProcess += processes;
    }
}
