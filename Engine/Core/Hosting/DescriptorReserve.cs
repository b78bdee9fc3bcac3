using Microsoft.Win32.SafeHandles;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Keeps file descriptors free for the runtime, under the limit of this very moment, which may be lowered while the process runs
/// (prlimit(1)). A runtime without descriptors cannot start a thread, which takes a pipe and a file, and ends the process. Three things
/// prevent that:
/// <list type="bullet">
/// <item>Connections are refused while few descriptors are left.</item>
/// <item>Some descriptors are held open under high numbers. They count among those in use, and take no number that a lowered limit
/// leaves: a limit lowered to what is in use leaves as many low numbers free, at once and without anybody having noticed.</item>
/// <item>Some are held open under low numbers, to be closed when the limit was lowered still further. Until there is room for them again,
/// every connection is refused.</item>
/// </list>
/// </summary>
internal sealed class DescriptorReserve : IDisposable
{
    /// <summary>
    /// What is left to others than connections, count: both reserves, what must be free beside them, and as many for what is opened later.
    /// </summary>
    public const int Headroom = MaxHigh + MaxLow + (2 * MaxFree);

    private const int MaxHigh = 24;
    private const int MaxLow = 8;
    private const int MaxFree = 16;

    // So much more must be free before the low reserve is taken again, so that it is not taken and released in turn.
    private const int Margin = 8;

    // Nobody says when the limit is lowered.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly int _limitAtStart = Descriptors.Limit();
    private readonly int _free;
    private readonly int _lowSize;
    private readonly List<SafeFileHandle> _high = [];
    private readonly int _lowestHigh;
    private readonly Timer? _timer;
    private SafeFileHandle[] _low = [];

    // Written under the lock, read without it by accept loops and the timer: one that comes too late costs one connection, or a period.
    private volatile bool _isReleased;

    /// <summary>
    /// Takes the reserves; smaller ones where the limit leaves less than the headroom, so that there is room for some connections.
    /// </summary>
    /// <param name="maxConnections">Connections at a time, count: high numbers are above those that they take.</param>
    public DescriptorReserve(int maxConnections)
    {
        if (!IsLimited) return;
        int used = Descriptors.CountOpen();
        int room = Math.Max(0, _limitAtStart - used);
        _free = Math.Min(MaxFree, room / 8);
        _lowSize = Math.Min(MaxLow, room / 8);
        int high = Math.Min(MaxHigh, room / 8);
        _lowestHigh = (int)Math.Min(_limitAtStart, (long)used + maxConnections + Headroom) - high;
        TakeLow();
        TakeHigh(high);
        // Once for nothing: what has never run may have to be compiled, and the runtime may start a thread for that.
        _ = Descriptors.CountFree(_limitAtStart, 1);
        Release();
        TakeLow();
        _timer = new Timer(static r => ((DescriptorReserve)r!).Adapt(), this, Period, Period);
    }

    private bool IsLimited => _limitAtStart != int.MaxValue;

    /// <summary>Room for connections under the limit of now, count, without <see cref="Headroom"/>; at least 1.</summary>
    public static int RoomForConnections()
    {
        int limit = Descriptors.Limit();
        return limit == int.MaxValue ? limit : Math.Max(1, limit - Descriptors.CountOpen() - Headroom);
    }

    /// <summary>Whether a connection that has just been accepted can be kept. Called for each of them, at once, on any thread.</summary>
    /// <param name="descriptor">Its descriptor, which is the lowest that was free.</param>
    public bool HasRoomFor(nint descriptor)
    {
        if (!IsLimited) return true;
        if (_isReleased) return false;
        int limit = Descriptors.Limit();
        // Under a limit that was lowered, descriptors opened before may stand above it: then the number says nothing of how many are left.
        if (limit >= _limitAtStart && descriptor < _lowestHigh - _free) return true;
        if (Descriptors.CountFree(limit, _free) == _free) return true;
        if (limit < _limitAtStart) Release();
        return false;
    }

    /// <summary>Closes the low reserve. Called when accepting found no descriptor left, too.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _isReleased = true;
            foreach (SafeFileHandle handle in _low) handle.Dispose();
            _low = [];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Release();
        foreach (SafeFileHandle handle in _high) handle.Dispose();
    }

    private void Adapt()
    {
        int limit = Descriptors.Limit();
        if (!_isReleased)
        {
            if (limit < _limitAtStart && Descriptors.CountFree(limit, _free) < _free) Release();
            return;
        }

        int needed = _lowSize + _free + Margin;
        if (Descriptors.CountFree(limit, needed) == needed) TakeLow();
    }

    private void TakeLow()
    {
        var taken = new List<SafeFileHandle>(_lowSize);
        try
        {
            while (taken.Count < _lowSize) taken.Add(OpenNothing());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such file here, or the whole system has run out: then a part of the reserve must do.
        }

        lock (_lock)
        {
            _low = [.. taken];
            _isReleased = false;
        }
    }

    private void TakeHigh(int count)
    {
        try
        {
            using SafeFileHandle nothing = OpenNothing();
            for (int number = _lowestHigh; number < _lowestHigh + count; number++)
            {
                if (Descriptors.TryDuplicate(nothing, number)) _high.Add(new SafeFileHandle(number, ownsHandle: true));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As for the low ones.
        }
    }

    private static SafeFileHandle OpenNothing() => File.OpenHandle("/dev/null");
}
