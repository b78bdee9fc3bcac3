using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace RawEcho.Testing;

/// <summary>A long body through POST /echo of rawecho-server: sent and read back at the same time, and every byte compared.</summary>
/// <param name="length">Its length, bytes.</param>
public sealed class LargeEcho(long length)
{
    // No power of two: a piece that is lost, or comes twice, changes what comes behind it.
    private const int PieceBytes = 65_521;
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(20);

    private readonly long _length = length;

    // Twice, so that a part of it may begin anywhere.
    private readonly byte[] _pattern = CreatePattern();

    /// <summary>Over HTTP/1.1.</summary>
    /// <param name="connection">A connection that is open, with its TLS; it is used up.</param>
    /// <exception cref="InvalidDataException">What came back is not what was sent.</exception>
    public async Task OverHttp1Async(Stream connection)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {_length}\r\n\r\n");
        await connection.WriteAsync(Encoding.ASCII.GetBytes(head));
        Task sending = SendAsync(connection);
        await ReadHeadAsync(connection);
        await CompareAsync(connection);
        await sending;
    }

    /// <summary>Over HTTP/2.</summary>
    /// <exception cref="InvalidDataException">What came back is not what was sent.</exception>
    public async Task OverHttp2Async(HttpClient client, Uri echo)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, echo)
        {
            Content = new Body(this),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        await CompareAsync(body);
    }

    /// <summary>Most private memory that a process holds (RssAnon) while something is done, bytes.</summary>
    public static async Task<long> MostPrivateAsync(int process, Task work)
    {
        long most = 0;
        do most = Math.Max(most, ProcessMemory.ReadPrivate(process));
        while (await Task.WhenAny(work, Task.Delay(SampleEvery)) != work);
        await work;
        return most;
    }

    private static byte[] CreatePattern()
    {
        byte[] piece = RandomNumberGenerator.GetBytes(PieceBytes);
        return [.. piece, .. piece];
    }

    private async Task SendAsync(Stream stream)
    {
        for (long sent = 0; sent < _length; sent += PieceBytes)
            await stream.WriteAsync(_pattern.AsMemory(0, (int)Math.Min(PieceBytes, _length - sent)));
        await stream.FlushAsync();
    }

    private static async Task ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        if (!head.ToString().StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) throw new InvalidDataException(head.ToString());
    }

    private async Task CompareAsync(Stream stream)
    {
        byte[] buffer = new byte[PieceBytes];
        long received = 0;
        while (await stream.ReadAsync(buffer) is > 0 and var bytes)
        {
            if (!buffer.AsSpan(0, bytes).SequenceEqual(_pattern.AsSpan((int)(received % PieceBytes), bytes)))
                throw new InvalidDataException($"Other bytes came back behind {received}.");
            received += bytes;
        }

        if (received != _length) throw new InvalidDataException($"{received} of {_length} bytes came back.");
    }

    // Its own kind of content is sent while the answer is read.
    private sealed class Body(LargeEcho echo) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => echo.SendAsync(stream);

        protected override bool TryComputeLength(out long computed)
        {
            computed = echo._length;
            return true;
        }
    }
}
