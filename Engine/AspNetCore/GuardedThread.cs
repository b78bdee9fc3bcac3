using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// What a thread does for a guarded endpoint: one run of application code at a time, from bytes that came to the next wait.
/// </summary>
internal sealed class GuardedThread
{
    // All that are no threads of the pool: the loops, which live as long as the process, and threads of the application.
    private static readonly Lock Gate = new();
    private static readonly List<GuardedThread> Loops = [];

    [ThreadStatic]
    private static GuardedThread? _current;

    // Written by the thread itself, read by the watch over all loops.
    private long _startedAt;
    private HttpContext? _request;
    private string? _route;

    private readonly Thread _thread = Thread.CurrentThread;

    private GuardedThread() => IsLoop = !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>This thread.</summary>
    public static GuardedThread Current => _current ??= Create();

    /// <summary>Whether other connections wait for this thread.</summary>
    public bool IsLoop { get; }

    /// <summary>Whose code runs; null when none does.</summary>
    public EndpointGuard? Guard { get; private set; }

    /// <summary>Whether the run has waited for something with its thread.</summary>
    public bool HasBlocked { get; set; }

    /// <summary>
    /// Whether any code has run. Otherwise whoever reads was not waiting yet, and goes on by itself where it is: that says nothing.
    /// </summary>
    public bool HasRun { get; private set; }

    /// <summary>What the run works on, for a report.</summary>
    public string Route => _request is { } request ? RouteOf(request) : _route ?? "(no request)";

    /// <summary>How long the run has taken so far; zero when there is none.</summary>
    public TimeSpan Elapsed => Volatile.Read(ref _startedAt) is not 0 and var at ? Stopwatch.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Whether a loop is held for so long, or longer.</summary>
    public static bool IsAnyLoopHeldFor(TimeSpan time)
    {
        lock (Gate) return Loops.Exists(l => l.Elapsed >= time);
    }

    /// <summary>Whoever waited for a pipe goes on on this thread.</summary>
    public static void NoteRun()
    {
        if (_current is { Guard: not null } thread) thread.HasRun = true;
    }

    /// <summary>This thread begins to work on a request.</summary>
    public static void BeginRequest(HttpContext request)
    {
        if (_current is { Guard: not null } thread) thread._request = request;
    }

    /// <summary>This thread leaves a request, which may be gone before the run is judged.</summary>
    public static void EndRequest(HttpContext request)
    {
        if (_current is not { Guard: { } guard } thread) return;
        if (guard.IsLong(thread.Elapsed)) thread._route = RouteOf(request);
        thread._request = null;
    }

    public void Begin(EndpointGuard guard)
    {
        Guard = guard;
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
    }

    public void End()
    {
        Volatile.Write(ref _startedAt, 0);
        (Guard, _request, _route, HasBlocked, HasRun) = (null, null, null, false, false);
    }

    private static string RouteOf(HttpContext request) =>
        $"{request.Request.Method} {request.GetEndpoint()?.DisplayName ?? request.Request.Path}";

    private static GuardedThread Create()
    {
        var thread = new GuardedThread();
        if (!thread.IsLoop) return thread;
        lock (Gate)
        {
            Loops.RemoveAll(l => !l._thread.IsAlive);
            Loops.Add(thread);
        }

        return thread;
    }
}
