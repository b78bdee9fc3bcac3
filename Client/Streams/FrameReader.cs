using RawEcho.Streams;

namespace RawEcho.Client.Streams;

/// <summary>Takes apart what the server sends in an upload or a download, and verifies it.</summary>
internal sealed class FrameReader
{
    private readonly byte[] _header = new byte[StreamFrame.Size];
    private int _headerBytes;
    private uint _left;

    /// <summary>Bytes of this side that the server has verified.</summary>
    public long Verified { get; private set; }

    /// <summary>Bytes of the server that came and were right.</summary>
    public long Received { get; private set; }

    /// <summary>What was wrong; null when nothing was.</summary>
    public string? Mismatch { get; private set; }

    /// <summary>Takes what has come.</summary>
    /// <returns>False when something is wrong with it.</returns>
    public bool Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Mismatch is null) bytes = _left > 0 ? TakeContent(bytes) : TakeHeader(bytes);
        return Mismatch is null;
    }

    private ReadOnlySpan<byte> TakeContent(ReadOnlySpan<byte> bytes)
    {
        int length = (int)Math.Min(_left, Math.Min(bytes.Length, StreamPattern.Block));
        int same = StreamPattern.CountSame(Received, bytes[..length]);
        Received += same;
        _left -= (uint)same;
        if (same < length) Mismatch = FormattableString.Invariant($"Byte {Received} of a download is not what it should be.");
        return bytes[length..];
    }

    private ReadOnlySpan<byte> TakeHeader(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(_header.Length - _headerBytes, bytes.Length);
        bytes[..length].CopyTo(_header.AsSpan(_headerBytes));
        _headerBytes += length;
        if (_headerBytes < _header.Length) return bytes[length..];
        _headerBytes = 0;
        var frame = StreamFrame.Read(_header);
        if (frame.Length == StreamFrame.Damaged)
            Mismatch = FormattableString.Invariant($"Byte {frame.Verified} of an upload did not reach the server as it was sent.");
        else if (frame.Verified < Verified || frame.Length > StreamPattern.Block)
            Mismatch = "The server sent something that is no frame of an upload or a download.";
        else
            (Verified, _left) = (frame.Verified, frame.Length);
        return bytes[length..];
    }
}
