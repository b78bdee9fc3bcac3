using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Whether the meters of a process can be listened to without a risk for it. The thread of System.Diagnostics.Metrics writes an event with
/// "Start" in its name, and the first such event creates the event source of tasks (TplEventSource), which takes the lock of all event
/// sources. A process that ends, or a session that stops, holds that lock while it joins the thread: the two wait for each other for ever.
/// A program that has awaited anything has that event source already, and cannot deadlock so. Timers and the thread pool do not create it.
/// So meters are listened to only in processes that run the Engine or Kestrel, and have begun with sockets, which both do by tasks.
/// All others are read by EventCounters, whose thread is not joined.
/// </summary>
internal static class MeterSafety
{
    private const string Engine = "RawEcho.Engine";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string SocketThread = ".NET Sockets";

    /// <summary>Whether the process may be a program of ASP.NET Core.</summary>
    public static bool IsWeb(DotNetProcess process) => process.Description.Role is not null
        || (OperatingSystem.IsLinux() && ProcFile.Read(process.Pid, "maps")?.Contains(Kestrel, StringComparison.Ordinal) == true);

    public static bool IsGiven(DotNetProcess process)
    {
        if (!OperatingSystem.IsLinux()) return process.Description.Role is not null;
        bool usesTasks = process.Description.Role is not null
            || (ProcFile.Read(process.Pid, "maps") is { } maps
                && (maps.Contains(Engine, StringComparison.Ordinal) || maps.Contains(Kestrel, StringComparison.Ordinal)));
        return usesTasks && ProcFile.List(process.Pid, "task").Any(t => ProcFile.Read($"{t}/comm")?.TrimEnd('\n') == SocketThread);
    }
}
