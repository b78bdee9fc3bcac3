namespace RawEcho.CommandLine;

/// <summary>
/// Decides when files are read again: when two looks in a row have found the same, and not what is in use. Files that were of no use are
/// tried again now and then, because time alone may mend them: a certificate becomes valid, a file system comes back.
/// </summary>
/// <param name="inUse">What stood in the files that are in use.</param>
internal sealed class FileLook(FileState? inUse)
{
    private const int LooksBetweenTries = 10;

    private FileState? _settled = inUse;
    private string? _problem;
    private int _looksSinceTry;

    /// <summary>What was found last.</summary>
    public FileState? Last { get; private set; } = inUse;

    /// <summary>Takes what a look has found, and tells whether the files are to be read now.</summary>
    /// <param name="now">What stands in the files.</param>
    /// <param name="asked">True when the user asked for it.</param>
    public bool IsDue(FileState now, bool asked)
    {
        bool isStable = now.Equals(Last);
        Last = now;
        bool isNew = !now.Equals(_settled);
        bool isTriedAgain = _problem is not null && ++_looksSinceTry >= LooksBetweenTries;
        if (!asked && !(isStable && (isNew || isTriedAgain))) return false;
        // What was said of an earlier state, or of an earlier signal, may be said again.
        if (isNew || asked) _problem = null;
        _settled = now;
        _looksSinceTry = 0;
        return true;
    }

    /// <summary>The files are in use.</summary>
    public void Succeeded() => _problem = null;

    /// <summary>The files are of no use.</summary>
    /// <returns>False when the same was told of them before.</returns>
    public bool Failed(string problem)
    {
        bool isNews = problem != _problem;
        _problem = problem;
        return isNews;
    }
}
