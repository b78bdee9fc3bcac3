using System.Buffers;

namespace RawEcho.Client.Http.Load;

/// <summary>Reads the body of a response, and compares it with what it must be.</summary>
internal static class ResponseCheck
{
    private const int BufferBytes = 16 * 1024;
    private const int Ok = 200;

    /// <summary>Reads to the end. A body that is shorter than its length says is an error of System.Net.Http.</summary>
    /// <param name="response">The response.</param>
    /// <param name="echo">What the body must be if the status is 200; null for anything.</param>
    /// <returns>Bytes of the body, and what is wrong with it; null for nothing.</returns>
    public static async ValueTask<(long Bytes, string? Mismatch)> ReadAsync(HttpResponseMessage response, ReadOnlyMemory<byte>? echo)
    {
        ReadOnlyMemory<byte>? expected = (int)response.StatusCode == Ok ? echo : null;
        await using Stream body = await response.Content.ReadAsStreamAsync();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long count = 0;
            string? mismatch = null;
            for (int read; (read = await body.ReadAsync(buffer)) > 0; count += read)
            {
                // Read to the end all the same: the connection is as good as before.
                if (expected is { } sent && mismatch is null) mismatch = Compare(sent.Span, count, buffer.AsSpan(0, read));
            }

            if (expected is { } whole && mismatch is null && count < whole.Length)
                mismatch = $"The echo of {whole.Length} bytes has {count} bytes.";
            return (count, mismatch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? Compare(ReadOnlySpan<byte> sent, long at, ReadOnlySpan<byte> received)
    {
        if (at + received.Length > sent.Length) return $"The echo of {sent.Length} bytes is longer than that.";
        ReadOnlySpan<byte> expected = sent.Slice((int)at, received.Length);
        return received.SequenceEqual(expected)
            ? null
            : $"Byte {at + expected.CommonPrefixLength(received)} of an echo of {sent.Length} bytes is not what was sent.";
    }
}
