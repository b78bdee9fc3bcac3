namespace RawEcho.Engine;

/// <summary>While it is open, a clock runs: see <see cref="Connection.LimitTime"/>.</summary>
public readonly record struct OperationLimit : IDisposable
{
    private readonly ConnectionLifetime? _lifetime;
    private readonly ConnectionLifetime.Deadline? _deadline;

    internal OperationLimit(ConnectionLifetime lifetime, TimeSpan time)
    {
        _lifetime = lifetime;
        _deadline = lifetime.SetTimeLimit(time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_deadline is { } deadline) _lifetime?.ClearTimeLimit(deadline);
    }
}
