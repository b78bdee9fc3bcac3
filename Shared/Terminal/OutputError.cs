namespace RawEcho.Terminal;

/// <summary>Why a sink did not take what was written to it.</summary>
/// <param name="Code">errno(3); 0 where the system gave none.</param>
/// <param name="Message">The reason as a phrase, without a full stop.</param>
public sealed record OutputError(int Code, string Message)
{
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>True when whoever was to read it has closed the other end: he wants no more, and that is no fault.</summary>
    public bool IsUnread => Code == BrokenPipe;
}
