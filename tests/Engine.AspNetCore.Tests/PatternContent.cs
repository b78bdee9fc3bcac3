using System.Net;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>A request body of any length whose bytes can be foretold.</summary>
internal sealed class PatternContent(long length) : HttpContent
{
    private const int Piece = 64 * 1024;

    public static byte At(long position) => (byte)(position % 251);

    /// <summary>Reads such a body to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="onRead">Is called for each part.</param>
    /// <returns>Its length; -1 if a byte is not what it must be.</returns>
    public static async Task<long> CheckAsync(Stream body, Action onRead)
    {
        byte[] buffer = new byte[Piece];
        long received = 0;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            onRead();
            for (int i = 0; i < read; i++)
            {
                if (buffer[i] != At(received + i)) return -1;
            }

            received += read;
        }

        return received;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => WriteAsync(stream, length);

    public static async Task WriteAsync(Stream stream, long length)
    {
        byte[] piece = new byte[Piece];
        for (long sent = 0; sent < length; sent += Piece)
        {
            for (int i = 0; i < Piece; i++) piece[i] = At(sent + i);
            await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(Piece, length - sent)));
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
