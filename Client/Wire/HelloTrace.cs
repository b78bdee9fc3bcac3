using RawEcho.Engine;

namespace RawEcho.Client.Wire;

/// <summary>Keeps the first bytes of a handshake in both directions: they tell whether a session was resumed, on every platform.</summary>
internal sealed class HelloTrace : IHandshakeTrace
{
    // Both hellos fit, with room for a long list of key shares.
    private const int Kept = 4096;

    private readonly byte[] _received = new byte[Kept];
    private readonly byte[] _sent = new byte[Kept];
    private int _receivedCount;
    private int _sentCount;

    /// <summary>True when the server resumed a session.</summary>
    public bool IsResumed => new PlainHandshake(_received.AsSpan(0, _receivedCount), _sent.AsSpan(0, _sentCount)).IsResumed;

    public void OnReceived(ReadOnlySpan<byte> bytes) => Keep(_received, ref _receivedCount, bytes);

    public void OnSent(ReadOnlySpan<byte> bytes) => Keep(_sent, ref _sentCount, bytes);

    private static void Keep(byte[] kept, ref int count, ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, kept.Length - count);
        bytes[..length].CopyTo(kept.AsSpan(count));
        count += length;
    }
}
