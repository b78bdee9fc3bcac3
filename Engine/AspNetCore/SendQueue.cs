using System.Buffers;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Buffers that are to be sent, in order. What is added is copied behind the last one while that has room, so that small parts leave as one
/// TLS record and by one system call. The caller synchronises.
/// </summary>
internal sealed class SendQueue
{
    // Seldom needed: what a turn flushes mostly fits into one buffer.
    private Queue<(IMemoryOwner<byte> Buffer, int Bytes)>? _full;
    private IMemoryOwner<byte>? _last;
    private int _lastBytes;

    public bool IsEmpty => _last is null;

    /// <summary>All bytes in the queue.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes over a buffer, whose first bytes are to be sent.</summary>
    public void Add(IMemoryOwner<byte> buffer, int bytes)
    {
        Bytes += bytes;
        if (_last is { } last)
        {
            if (bytes <= last.Memory.Length - _lastBytes)
            {
                buffer.Memory[..bytes].CopyTo(last.Memory[_lastBytes..]);
                _lastBytes += bytes;
                buffer.Dispose();
                return;
            }

            (_full ??= new()).Enqueue((last, _lastBytes));
        }

        (_last, _lastBytes) = (buffer, bytes);
    }

    /// <summary>Hands over the next buffer.</summary>
    public bool TryTake(out (IMemoryOwner<byte> Buffer, int Bytes) next)
    {
        if (_full is null || !_full.TryDequeue(out next))
        {
            next = (_last!, _lastBytes);
            if (_last is null) return false;
            _last = null;
        }

        Bytes -= next.Bytes;
        return true;
    }
}
