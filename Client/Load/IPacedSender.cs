namespace RawEcho.Client.Load;

/// <summary>The part of an open loop that one connection sends. May be called from any thread.</summary>
internal interface IPacedSender
{
    /// <summary>Sends all that is due and has room. Returns at once when somebody else is at it.</summary>
    /// <param name="now">Ticks of Stopwatch.</param>
    Task SendDueAsync(long now);

    /// <summary>What was to be measured, was due before <paramref name="end"/>, and was not begun, count.</summary>
    /// <param name="end">Ticks of Stopwatch.</param>
    /// <param name="waited">Takes how long each of them has waited, ticks; null to count only.</param>
    long CountUnsent(long end, Action<long>? waited = null);

    /// <summary>
    /// What kept the messages that <see cref="CountUnsent"/> counts from being sent. To be asked when the connection has ended.
    /// </summary>
    /// <param name="end">Ticks of Stopwatch.</param>
    LateCause CauseAtEnd(long end);

    /// <summary>Ends the connection, if the run is over and nothing is in flight.</summary>
    void EndIfIdle();
}
