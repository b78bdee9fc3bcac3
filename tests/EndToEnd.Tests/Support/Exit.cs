namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// The exit codes as --help and the README promise them. Written down again on purpose: the programs' own constants would
/// agree with themselves after a change that breaks every script.
/// </summary>
internal static class Exit
{
    public const int Success = 0;
    public const int Usage = 2;
    public const int Certificate = 3;
    public const int Network = 4;
    public const int TlsRefused = 5;
    public const int Mismatch = 6;
    public const int ConnectionLost = 7;
    public const int ServerClosed = 8;
    public const int ConditionMet = 10;
    public const int Fleet = 12;
    public const int Output = 13;
    public const int NotFound = 127;
    public const int Interrupted = 130;
}
