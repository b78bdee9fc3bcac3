namespace RawEcho.Terminal;

/// <summary>The exit codes that mean the same in all programs.</summary>
public static class CommonExitCode
{
    /// <summary>All went as asked.</summary>
    public const int Success = 0;

    /// <summary>A defect of the program itself.</summary>
    public const int Defect = 1;

    /// <summary>An unknown option, or a value that cannot be.</summary>
    public const int Usage = 2;

    /// <summary>All went as asked, but standard output did not take all of it.</summary>
    public const int Output = 13;

    /// <summary>Interrupted before the work was over; or a second time, without waiting for the end in order.</summary>
    public const int Interrupted = 130;
}
