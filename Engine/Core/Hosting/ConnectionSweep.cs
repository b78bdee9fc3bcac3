using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// What a host does once a sweep, at most a second apart: enforces the limits of time and progress in one pass over all connections
/// (instead of a timer for each read of each of them), ends waits that nothing else ends, and gives memory back.
/// An error in one step or connection is told to the observer and keeps nothing else from being done.
/// </summary>
internal sealed class ConnectionSweep(
    EngineOptions options, ConnectionTable table, HandshakeGate handshakes, MemoryTrim trim, ContainedObserver observer)
    : IAsyncDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(20);

    private readonly PeriodicTimer _clock = new(TickFor(options));
    private readonly HandshakeGate _handshakes = handshakes;
    private readonly LimitEnforcer _limits = new(options);
    private readonly QuietWatch _quiet = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        _clock.Dispose();
        await _running;
    }

    private async Task RunAsync()
    {
        while (await _clock.WaitForNextTickAsync())
        {
            long now = Environment.TickCount64;
            foreach (SocketConnection connection in table.Open)
                Contain(static (s, c) => s._limits.Enforce(c.connection, c.now), (connection, now));
            Contain(static (s, _) => s._handshakes.TurnAway(), 0);
            Contain(static (s, now) => s.Trim(now), now);
        }
    }

    private void Trim(long now)
    {
        if (!options.TrimMemory) return;
        if (_quiet.IsQuiet(now, () => new(table.Operations, Environment.CpuUsage.TotalTime)))
            trim.TrimIfWorthIt(table.Changes, table.Held.Leases, GC.GetTotalAllocatedBytes(), now);
        else
            trim.TrimWhileBusy(table.Changes, now);
    }

    private void Contain<T>(Action<ConnectionSweep, T> step, T argument)
    {
        try
        {
            step(this, argument);
        }
        catch (Exception e)
        {
            observer.OnEngineFault(e);
        }
    }

    // A quarter of the shortest limit: a deadline is kept within that, and nothing ticks faster than anyone asked for.
    internal static TimeSpan TickFor(EngineOptions options)
    {
        TimeSpan[] limits = [options.IdleTimeout, options.WriteTimeout, options.CloseTimeout, options.MaxLifetime];
        TimeSpan shortest = limits.Where(l => l != Timeout.InfiniteTimeSpan).DefaultIfEmpty(LongestTick).Min() / 4;
        return shortest > LongestTick ? LongestTick : shortest < ShortestTick ? ShortestTick : shortest;
    }
}
