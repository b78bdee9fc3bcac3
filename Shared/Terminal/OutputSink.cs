namespace RawEcho.Terminal;

/// <summary>Where bytes go. Failures are values: an output that takes no more is nothing unexpected.</summary>
public abstract class OutputSink
{
    /// <summary>False when the next write would wait for a reader.</summary>
    public virtual bool IsReady => true;

    /// <summary>False when nobody can ever read what is written: the reader of the pipe or the terminal is gone.</summary>
    public virtual bool HasReader => true;

    /// <summary>Writes all bytes, or as many as go.</summary>
    /// <param name="bytes">What to write.</param>
    /// <param name="written">How many bytes were taken.</param>
    /// <returns>Null when all were taken; otherwise why not.</returns>
    public abstract OutputError? Write(ReadOnlySpan<byte> bytes, out int written);
}
