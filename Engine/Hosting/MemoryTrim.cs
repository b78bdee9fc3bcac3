using System.Runtime.InteropServices;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Gives memory back to the system that nobody uses any more: buffers and args of connections that are gone, garbage that no collection came
/// for, and free pages between OpenSSL's long-lived objects. It pauses the process for some tens of milliseconds, and for longer the more
/// connections are open, so it is for moments at which nobody notices (<see cref="QuietWatch"/>), and waits until it is worth it.
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

    private long _changesSeen;
    private long _allocatedSeen;
    private long _buffersGone;
    private long _notBefore;

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
        if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim)) Trim(trim);
        (_changesSeen, _allocatedSeen, _buffersGone, _notBefore) = (changes, allocated, 0, now + ShortestPause);
        return true;
    }

    // glibc's own, where the C library is glibc: malloc_trim(3).
    private static unsafe void Trim(nint function) => ((delegate* unmanaged<nuint, int>)function)(0);
}
