using RawEcho.Engine.Buffers;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Gives memory back to the system that nobody uses any more: buffers and args of connections that are gone, garbage that no collection
/// came for, and free pages between OpenSSL's long-lived objects. All of it pauses the process for some tens of milliseconds, and for
/// longer the more connections are open, so it is for moments at which nobody notices (<see cref="QuietWatch"/>), and waits until it is
/// worth it. A process that is never quiet gives the free pages back alone, and less often.
/// </summary>
internal sealed class MemoryTrim(BufferPool buffers, SocketOperationPool operations)
{
    // One of these is enough: connections that came, went or were refused, count; bytes allocated; bytes of buffers that were let go.
    private const long EnoughChanges = 100;
    private const long EnoughAllocated = 16 * 1024 * 1024;
    private const long EnoughBuffers = 1024 * 1024;

    // And one change more for so many that are open.
    private const long OpenPerChange = 20;

    private const long ShortestPause = 5000;

    // Handshakes leave the heaps of malloc in pieces. Without an end the process would grow for hours: 20 MiB in nine minutes of 90 a
    // second.
    private const long EnoughChangesWhileBusy = 1000;
    private const long ShortestPauseWhileBusy = 10_000;

    private static readonly TimeSpan LongestFinalization = TimeSpan.FromMilliseconds(250);

    private Task _finalization = Task.CompletedTask;
    private long _changesSeen;
    private long _allocatedSeen;
    private long _buffersGone;
    private long _notBefore;
    private long _changesSeenWhileBusy;
    private long _notBeforeWhileBusy;

    /// <summary>Trims if enough has happened since the last time.</summary>
    /// <param name="changes">Connections opened, closed and refused so far, count.</param>
    /// <param name="open">Connections open now, count.</param>
    /// <param name="allocated">Managed memory allocated so far, bytes.</param>
    /// <param name="now">The moment, on the clock of Environment.TickCount64 (milliseconds).</param>
    /// <returns>True when it trimmed.</returns>
    public bool TrimIfWorthIt(long changes, long open, long allocated, long now)
    {
        if (now < _notBefore) return false;
        _buffersGone += buffers.Trim();
        bool worthIt = changes - _changesSeen >= EnoughChanges + (open / OpenPerChange)
            || allocated - _allocatedSeen >= EnoughAllocated
            || _buffersGone >= EnoughBuffers;
        if (!worthIt) return false;
        operations.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        AwaitFinalization();
        NativeHeap.Trim();
        (_changesSeen, _allocatedSeen, _buffersGone) = (changes, allocated, 0);
        (_notBefore, _notBeforeWhileBusy) = (now + ShortestPause, now + ShortestPauseWhileBusy);
        _changesSeenWhileBusy = changes;
        return true;
    }

    // What OpenSSL holds for certificates that nobody disposed of is freed by their finalizers. One that hangs holds up nobody for long,
    // and no more than one thread.
    private void AwaitFinalization()
    {
        if (_finalization.IsCompleted) _finalization = Task.Run(GC.WaitForPendingFinalizers);
        _finalization.Wait(LongestFinalization);
    }

    /// <summary>
    /// Gives the free pages of malloc's heaps back if there were enough connections since the last time. Each heap is locked for some
    /// milliseconds.
    /// </summary>
    /// <param name="changes">Connections opened, closed and refused so far, count.</param>
    /// <param name="now">The moment, on the clock of Environment.TickCount64 (milliseconds).</param>
    /// <returns>True when it trimmed.</returns>
    public bool TrimWhileBusy(long changes, long now)
    {
        if (now < _notBeforeWhileBusy || changes - _changesSeenWhileBusy < EnoughChangesWhileBusy) return false;
        NativeHeap.Trim();
        (_changesSeenWhileBusy, _notBeforeWhileBusy) = (changes, now + ShortestPauseWhileBusy);
        return true;
    }
}
