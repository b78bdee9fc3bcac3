namespace RawEcho.Engine.Telemetry;

/// <summary>
/// Counts of connections since the start: how many came, were refused and ended, and what those that are gone have read and written.
/// Not thread-safe: whoever keeps the open connections changes both under one lock, so that no look counts a connection twice or not at
/// all.
/// </summary>
internal sealed class ConnectionTotals
{
    private static readonly int Reasons = Enum.GetValues<CloseReason>().Length;

    private readonly long[] _refusals = new long[Reasons];
    private readonly long[] _endings = new long[Reasons];
    private readonly long[] _handshakeFailures = new long[Reasons];
    private long _accepted;
    private long _connected;
    private long _closed;
    private IoTotals _closedIo;
    private long _firstOpened;
    private long _lastProgress;

    /// <summary>Connections opened, closed and refused.</summary>
    public long Changes => _accepted + _connected + _closed + _refusals.Sum();

    /// <summary>Reads that gave data, of the connections that are closed.</summary>
    public long ClosedReads => _closedIo.ReadOperations;

    public void Opened(ConnectionLifetime connection)
    {
        if (connection.Services.IsAccepted) _accepted++;
        else _connected++;
        if (_firstOpened == 0) _firstOpened = _lastProgress = connection.Io.LastProgress;
    }

    public void Closed(ConnectionLifetime connection)
    {
        _closed++;
        _closedIo = _closedIo.Plus(connection.Io);
        _lastProgress = Math.Max(_lastProgress, connection.Io.LastProgress);
        _endings[(int)connection.End.Reason]++;
        bool failed = !connection.Established && connection.End.Reason != CloseReason.EndedBeforeFirstByte;
        if (failed) _handshakeFailures[(int)connection.End.Reason]++;
    }

    public void Refused(CloseReason reason) => _refusals[(int)reason]++;

    /// <summary>All counts, those of open connections included.</summary>
    public EngineStatistics With(IEnumerable<ConnectionLifetime> open)
    {
        IoTotals io = _closedIo;
        long lastProgress = _lastProgress;
        long sessions = 0;
        foreach (ConnectionLifetime connection in open)
        {
            if (connection.IsSecured) sessions++;
            io = io.Plus(connection.Io);
            lastProgress = Math.Max(lastProgress, connection.Io.LastProgress);
        }

        return new EngineStatistics
        {
            ConnectionsAccepted = _accepted,
            ConnectionsConnected = _connected,
            ConnectionsRefused = _refusals.Sum(),
            ConnectionsRefusedByAddress = _refusals[(int)CloseReason.RefusedAddress],
            ConnectionsRefusedByDescriptors = _refusals[(int)CloseReason.RefusedDescriptors],
            ConnectionsOpen = _accepted + _connected - _closed,
            SessionsOpen = sessions,
            HandshakeFailures = ByReason(_handshakeFailures),
            Io = io,
            ActiveTime = TimeSpan.FromMilliseconds(lastProgress - _firstOpened),
            Endings = ByReason(_endings),
        };
    }

    private static Dictionary<CloseReason, long> ByReason(long[] counts) => Enum.GetValues<CloseReason>()
        .Where(r => counts[(int)r] > 0)
        .ToDictionary(r => r, r => counts[(int)r]);
}
