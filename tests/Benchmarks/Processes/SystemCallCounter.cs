using System.Diagnostics;
using System.Globalization;

namespace RawEcho.Benchmarks.Processes;

/// <summary>
/// Counts the system calls of a process: with perf where the kernel lets us, because it hardly slows the process down,
/// otherwise with strace.
/// </summary>
internal sealed class SystemCallCounter
{
    private const string Event = "raw_syscalls:sys_enter";
    private static readonly TimeSpan PerfDuration = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly Func<int, Task, Task, CancellationToken, Task<double?>>? _count;

    private SystemCallCounter(string description, Func<int, Task, Task, CancellationToken, Task<double?>>? count)
    {
        Description = description;
        _count = count;
    }

    public bool IsAvailable => _count is not null;

    /// <summary>How it counts, or why it does not.</summary>
    public string Description { get; }

    public static async Task<SystemCallCounter> FindAsync(CancellationToken cancellation)
    {
        if (Tool.Find("perf") is not null)
        {
            ToolResult probe = await Tool.RunAsync("perf", ["stat", "-x,", "-e", Event, "true"], cancellation: cancellation);
            if (Parse(probe.Error) > 0) return new SystemCallCounter("perf stat", PerfAsync);
        }

        if (Tool.Find("strace") is not null)
        {
            ToolResult probe = await Tool.RunAsync("strace", ["-c", "true"], cancellation: cancellation);
            if (probe.ExitCode == 0) return new SystemCallCounter("strace", StraceAsync);
        }

        return new SystemCallCounter("not counted: neither perf nor strace can trace here", null);
    }

    /// <summary>Counts in the measured time: perf in a part of it, strace in all of it, because it slows the process down.</summary>
    /// <param name="id">The process.</param>
    /// <param name="start">When the measured time begins.</param>
    /// <param name="end">When it ends.</param>
    /// <param name="cancellation">Ends the counting without a result.</param>
    /// <returns>System calls per second of all threads of the process; null when the tool gave no number.</returns>
    public Task<double?> PerSecondAsync(int id, Task start, Task end, CancellationToken cancellation) =>
        _count!(id, start, end, cancellation);

    private static async Task<double?> PerfAsync(int id, Task start, Task end, CancellationToken cancellation)
    {
        await start;
        string seconds = PerfDuration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        ToolResult result = await Tool.RunAsync(
            "perf", ["stat", "-x,", "-e", Event, "-p", $"{id}", "--", "sleep", seconds], cancellation: cancellation);
        return Parse(result.Error) / PerfDuration.TotalSeconds;
    }

    // A line of "perf stat -x,": count,unit,event,...
    private static double? Parse(string text)
    {
        string? line = text.Split('\n').FirstOrDefault(l => l.Contains(Event, StringComparison.Ordinal));
        return double.TryParse(line?.Split(',')[0], CultureInfo.InvariantCulture, out double count) ? count : null;
    }

    private static async Task<double?> StraceAsync(int id, Task start, Task end, CancellationToken cancellation)
    {
        string file = Path.GetTempFileName();
        try
        {
            using var strace = ChildProcess.Start("strace", ["-c", "-f", "-o", file, "-p", $"{id}"]);
            while (!strace.Error.Contains("attached", StringComparison.Ordinal) && !start.IsCompleted) await Task.Delay(Poll, cancellation);
            var clock = Stopwatch.StartNew();
            await end.WaitAsync(cancellation);
            TimeSpan elapsed = clock.Elapsed;
            Native.SendInterrupt(strace.Id);
            await strace.WaitAsync(cancellation);
            return Total(await File.ReadAllTextAsync(file, cancellation)) / elapsed.TotalSeconds;
        }
        finally
        {
            File.Delete(file);
        }
    }

    // The last line of "strace -c": 100.00 seconds usecs/call calls [errors] total
    private static double? Total(string text)
    {
        string? line = text.Split('\n').LastOrDefault(l => l.TrimEnd().EndsWith(" total", StringComparison.Ordinal));
        string[] fields = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return fields.Length > 3 && double.TryParse(fields[3], CultureInfo.InvariantCulture, out double calls) ? calls : null;
    }
}
