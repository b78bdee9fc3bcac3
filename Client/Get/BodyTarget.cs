namespace RawEcho.Client.Get;

/// <summary>Where the body of a response goes.</summary>
internal abstract class BodyTarget : IDisposable
{
    /// <summary>Nobody reads any more: the rest need not be fetched.</summary>
    public virtual bool IsUnread => false;

    /// <summary>Takes a part of the body.</summary>
    /// <exception cref="CommandLine.CommandException">It cannot be written.</exception>
    public abstract void Write(ReadOnlySpan<byte> bytes);

    /// <summary>The body is complete.</summary>
    /// <exception cref="CommandLine.CommandException">It cannot be written.</exception>
    public abstract void Complete();

    /// <summary>Ends; what was not completed is taken back where that is possible.</summary>
    public abstract void Dispose();
}
