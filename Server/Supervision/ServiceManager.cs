using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using RawEcho.CommandLine;

namespace RawEcho.Server.Supervision;

/// <summary>
/// Tells a service manager how the server stands (sd_notify(3), Type=notify), and that it is alive (WatchdogSec=). Does nothing where there
/// is none.
/// </summary>
internal sealed class ServiceManager : IAsyncDisposable
{
    private const string Address = "NOTIFY_SOCKET";
    private const string WatchdogTime = "WATCHDOG_USEC";
    private const string WatchdogProcess = "WATCHDOG_PID";
    private readonly SystemdNotifier _notifier = new();
    private readonly PeriodicTimer? _timer;
    private readonly Func<string> _status;
    private readonly Action<string> _report;
    private readonly Task _watching;
    private int _isLost;

    private ServiceManager(TimeSpan? watchdog, Func<string> status, Action<string> report)
    {
        (_status, _report) = (status, report);
        // As sd_watchdog_enabled(3) recommends.
        if (watchdog is { } time) _timer = new PeriodicTimer(time / 2);
        _watching = _timer is null ? Task.CompletedTask : Task.Run(() => WatchAsync(_timer));
    }

    /// <summary>Says that the server is ready, and from then on that it is alive.</summary>
    /// <param name="status">One line on how it stands now.</param>
    /// <param name="report">Is told when the service manager cannot be.</param>
    /// <returns>Null where there is no service manager.</returns>
    /// <exception cref="CommandException">The time of the watchdog is no time.</exception>
    public static ServiceManager? Begin(Func<string> status, Action<string> report)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Address))) return null;
        var manager = new ServiceManager(Watchdog(), status, report);
        manager.Tell($"READY=1\nSTATUS={status()}");
        return manager;
    }

    /// <summary>Says that the server stops, and how far it is.</summary>
    public void Stopping() => Tell($"STOPPING=1\nSTATUS={_status()}");

    public async ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        await _watching;
    }

    // The thread pool runs it: a server whose pool stands still is not alive.
    private async Task WatchAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync()) Tell($"WATCHDOG=1\nSTATUS={_status()}");
    }

    private void Tell(string state)
    {
        try
        {
            _notifier.Notify(new ServiceState(state));
            Interlocked.Exchange(ref _isLost, 0);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // Once, and not with each sign of life; the first of those may come beside what is told at the start.
            if (Interlocked.Exchange(ref _isLost, 1) != 0) return;
            string problem = e is ArgumentException ? "no socket can have such a long path" : e.Message;
            _report($"The service manager cannot be told how this server stands ({Address}): {problem}.");
        }
    }

    // Null where it is off, or meant for another process.
    private static TimeSpan? Watchdog()
    {
        if (Environment.GetEnvironmentVariable(WatchdogTime) is not { Length: > 0 } time) return null;
        string? process = Environment.GetEnvironmentVariable(WatchdogProcess);
        if (!string.IsNullOrEmpty(process) && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : throw new CommandException(ExitCode.Usage, $"{WatchdogTime} is a number of microseconds, not '{time}'.");
    }
}
