namespace RawEcho.Engine;

/// <summary>
/// While it is open, the connection is busy: a graceful shutdown waits for it. Made by <see cref="Connection.BeginWork"/>; dispose it once.
/// </summary>
public readonly record struct BusyScope : IDisposable
{
    private readonly ConnectionActivity? _activity;

    internal BusyScope(ConnectionActivity activity)
    {
        _activity = activity;
        activity.Enter();
    }

    /// <inheritdoc/>
    public void Dispose() => _activity?.Leave();
}
