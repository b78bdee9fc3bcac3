using System.Globalization;

namespace RawEcho.Engine.Transport;

/// <summary>
/// The event loops: the runtime's own epoll (or kqueue) threads, told to run completions inline instead of handing each
/// to the thread pool. The runtime reads both settings once, when the process makes its first asynchronous socket
/// operation (System.Net.Sockets.SocketAsyncEngine), so their number is a property of the process.
/// On Windows completions come from the thread pool's I/O ports, and these settings have no effect.
/// </summary>
internal static class EventLoops
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string ThreadCount = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";
    private static readonly Lock Gate = new();
    private static int _count;
    private static bool _isDecided;

    /// <summary>Event loops of this process; 0 before <see cref="Configure"/>, and after <see cref="LeaveToThreadPool"/>.</summary>
    public static int Count
    {
        get
        {
            lock (Gate) return _count;
        }
    }

    /// <summary>True once it is decided how the process works.</summary>
    public static bool IsDecided
    {
        get
        {
            lock (Gate) return _isDecided;
        }
    }

    /// <summary>Sets their number, before the process opens a socket.</summary>
    /// <param name="count">How many; 0 for one per processor, or what an earlier call chose.</param>
    /// <exception cref="InvalidOperationException">Something else was decided before, and cannot be changed any more.</exception>
    public static void Configure(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (Gate)
        {
            if (_isDecided && (count == 0 || count == _count)) return;
            if (_isDecided)
                throw new InvalidOperationException($"This process already runs {_count} event loops; {count} is too late.");
            _isDecided = true;
            _count = count == 0 ? Environment.ProcessorCount : count;
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
            Environment.SetEnvironmentVariable(ThreadCount, _count.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Decides that completions go to the thread pool, as the runtime does it by itself.</summary>
    /// <exception cref="InvalidOperationException">The process runs event loops already.</exception>
    public static void LeaveToThreadPool()
    {
        lock (Gate)
        {
            if (_count != 0) throw new InvalidOperationException($"This process already runs {_count} event loops.");
            _isDecided = true;
        }
    }
}
