using System.Globalization;
using System.Net;
using RawEcho.CommandLine;

namespace RawEcho.Server;

/// <summary>
/// Connections that ended before their first byte: a health check makes one every second, and a line for each would hide the rest of the
/// log. They are counted, and summed up in one line at most once a minute. Called by one thread at a time.
/// </summary>
/// <param name="log">Takes the lines.</param>
/// <param name="clock">Counts the minute.</param>
internal sealed class SilentConnections(ConsoleLog log, TimeProvider clock)
{
    private const int MaxNamed = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly List<IPAddress> _named = [];
    private long? _lastLine;
    private long _count;
    private bool _hasMoreAddresses;

    /// <summary>Counts one, and says so unless that was done within the last minute.</summary>
    public void Add(EndPoint? remote)
    {
        _count++;
        if (remote is IPEndPoint { Address: var address } && !_named.Contains(address))
        {
            if (_named.Count < MaxNamed) _named.Add(address);
            else _hasMoreAddresses = true;
        }

        if (_lastLine is not { } last || clock.GetElapsedTime(last) >= Pause) Report();
    }

    /// <summary>Says what has been counted since the last line, if there is anything.</summary>
    public void Report()
    {
        if (_count == 0) return;
        string connections = _count == 1 ? "1 connection" : string.Create(CultureInfo.InvariantCulture, $"{_count} connections");
        string addresses = $"{string.Join(", ", _named)}{(_hasMoreAddresses ? " and others" : "")}";
        log.Event(
            $"{connections} from {addresses} ended before {(_count == 1 ? "its" : "their")} first byte, as health checks do.",
            new LogFacts("silent", ("connections", _count), ("addresses", addresses)));
        (_lastLine, _count, _hasMoreAddresses) = (clock.GetTimestamp(), 0, false);
        _named.Clear();
    }
}
