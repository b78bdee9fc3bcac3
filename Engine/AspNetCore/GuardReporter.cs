using Microsoft.Extensions.Logging;

namespace RawEcho.Engine.AspNetCore;

/// <summary>Logs what guards decide, on the thread pool, and looks for event loops that have stalled.</summary>
internal sealed partial class GuardReporter(ILogger logger, GuardSettings settings) : IGuardLog, IDisposable
{
    private readonly Lock _lock = new();
    private Timer? _watch;
    private bool _isStallKnown;

    /// <summary>Begins to look for stalled loops; a second call does nothing.</summary>
    public void Start()
    {
        lock (_lock)
            _watch ??= new Timer(static r => ((GuardReporter)r!).LookForStall(), this, settings.Stall / 4, settings.Stall / 4);
    }

    public void Dispose()
    {
        lock (_lock) _watch?.Dispose();
    }

    public void StaysOnPool(string route, string stack) => Queue(() => LogStaysOnPool(route, Environment.NewLine + stack));

    public void MovedToLoop(int runs) => Queue(() => LogMovedToLoop(runs));

    public void LeftLoop(string what, string route, string? stack, TimeSpan retry) =>
        Queue(() => LogLeftLoop(route, what, retry, stack is null ? string.Empty : Environment.NewLine + stack));

    // Whoever writes the log may block.
    private static void Queue(Action log) => ThreadPool.UnsafeQueueUserWorkItem(static l => l(), log, preferLocal: false);

    private void LookForStall()
    {
        bool isStalled = GuardedThread.IsAnyLoopHeldFor(settings.Stall);
        if (isStalled && !_isStallKnown) LogStalled(settings.Stall);
        _isStallKnown = isStalled;
    }

    [LoggerMessage(
        30, LogLevel.Information, "Code of {Route} waits synchronously, so its endpoint stays on the thread pool.{Stack}")]
    private partial void LogStaysOnPool(string route, string stack);

    [LoggerMessage(31, LogLevel.Information, "After {Runs} runs without a wait an endpoint moves to the event loops.")]
    private partial void LogMovedToLoop(int runs);

    [LoggerMessage(
        32, LogLevel.Warning, "Code of {Route} {What}: its endpoint goes back to the thread pool, for {Retry} at least.{Stack}")]
    private partial void LogLeftLoop(string route, string what, TimeSpan retry, string stack);

    [LoggerMessage(33, LogLevel.Critical, "An event loop has been held for {Stall}: its connections stand still.")]
    private partial void LogStalled(TimeSpan stall);
}
