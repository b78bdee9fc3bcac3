using System.Net.Sockets;

namespace RawEcho.Client.Probe;

/// <summary>
/// The socket's stream, whose first bytes in both directions are kept: SslStream says neither what a peer that speaks no TLS has
/// sent, nor which version and certificate a handshake had come to when it failed.
/// </summary>
internal sealed class WireTap(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int MaxKept = 64 * 1024;

    private readonly List<byte> _received = [];
    private readonly List<byte> _sent = [];

    /// <summary>The first bytes that came from the peer, at most 64 KB.</summary>
    public byte[] Received => [.. _received];

    /// <summary>The first bytes that went to the peer, at most 64 KB.</summary>
    public byte[] Sent => [.. _sent];

    /// <summary>This side has sent something after the peer's first bytes: its certificate, if it has one.</summary>
    public bool HasReplied { get; private set; }

    /// <summary>The peer has ended the connection: by FIN or by reset.</summary>
    public bool HasEnded { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            Keep(_received, buffer.Span[..read]);
            HasEnded |= read == 0 && !buffer.IsEmpty;
            return read;
        }
        catch (IOException)
        {
            HasEnded = true;
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        HasReplied = _received.Count > 0;
        Keep(_sent, buffer.Span);
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            HasEnded = true;
            throw;
        }
    }

    private static void Keep(List<byte> kept, ReadOnlySpan<byte> bytes) => kept.AddRange(bytes[..Math.Min(bytes.Length, MaxKept - kept.Count)]);
}
