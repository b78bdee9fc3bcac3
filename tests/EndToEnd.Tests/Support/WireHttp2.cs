using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Security;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A client of HTTP/2 (RFC 9113) over mutual TLS that shows the frames: requests of a few bytes, their answers, and GOAWAY.
/// </summary>
internal sealed class WireHttp2 : IAsyncDisposable
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    private const byte EndStream = 1, EndHeaders = 4, Ack = 1;
    private const int HeaderBytes = 9;

    // HPACK (RFC 7541 appendix A): a header field of the static table.
    private const byte StatusOk = 0x88;

    private readonly SslStream _stream;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, Exchange> _exchanges = new();
    private readonly TaskCompletionSource<int> _goAway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private int _lastAccepted = int.MaxValue;
    private int _nextStream = 1;
    private bool _hasEnded;

    private WireHttp2(SslStream stream) => _stream = stream;

    /// <summary>The last stream that the first GOAWAY names.</summary>
    public Task<int> FirstGoAway => _goAway.Task;

    /// <summary>Completes when the server has ended the connection in order; fails when it did so in another way.</summary>
    public Task Ended => _reading;

    public static async Task<WireHttp2> ConnectAsync(Uri server, Certificates certificates)
    {
        var client = new WireHttp2(await WireHttp1.ConnectAsync(server, certificates, SslApplicationProtocol.Http2));
        await client._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray()).WithinLimit();
        await client.SendAsync(Settings, 0, 0, []);
        // What comes here is small, and there may be much of it.
        byte[] window = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(window, 1 << 30);
        await client.SendAsync(WindowUpdate, 0, 0, window);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <returns>The body; null when the server ended the connection without having begun with the request.</returns>
    /// <exception cref="InvalidDataException">The answer was cut off, or has another status than 200.</exception>
    public async Task<string?> GetAsync(string path) => await AnswerAsync(await BeginAsync("GET", path));

    /// <summary>Sends the head of a request: GET, which has no body, or POST.</summary>
    /// <returns>Its stream; null when the connection has ended.</returns>
    public async Task<int?> BeginAsync(string method, string path)
    {
        byte[] block =
        [
            (byte)(method == "GET" ? 0x82 : 0x83), 0x87, 0x01, (byte)"localhost".Length, .. "localhost"u8,
            0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path),
        ];
        await _sending.WaitAsync().WithinLimit();
        try
        {
            int stream = _nextStream;
            _nextStream += 2;
            _exchanges[stream] = new Exchange();
            if (_hasEnded)
            {
                _exchanges[stream].Answer.TrySetResult(null);
                return stream;
            }

            await WriteAsync(Headers, (byte)(EndHeaders | (method == "GET" ? EndStream : 0)), stream, block);
            return stream;
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a part of a body.</summary>
    public Task SendBodyAsync(int stream, string part, bool isLast) =>
        SendAsync(Data, isLast ? EndStream : (byte)0, stream, Encoding.ASCII.GetBytes(part));

    /// <summary>Waits until so much of an answer's body has come.</summary>
    public Task UntilReceivedAsync(int stream, string part) =>
        TimeLimit.Until(() => _exchanges[stream].Received.Contains(part, StringComparison.Ordinal), $"the answer has {part}");

    /// <summary>Waits for an answer, as <see cref="GetAsync"/>.</summary>
    public Task<string?> AnswerAsync(int? stream) =>
        stream is { } id ? _exchanges[id].Answer.Task.WithinLimit() : Task.FromResult<string?>(null);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _sending.Dispose();
    }

    private async Task SendAsync(byte type, byte flags, int stream, byte[] content)
    {
        await _sending.WaitAsync().WithinLimit();
        try
        {
            await WriteAsync(type, flags, stream, content);
        }
        finally
        {
            _sending.Release();
        }
    }

    private Task WriteAsync(byte type, byte flags, int stream, byte[] content)
    {
        byte[] frame = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (content.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        content.CopyTo(frame, HeaderBytes);
        return _stream.WriteAsync(frame).WithinLimit();
    }

    private async Task ReadAsync()
    {
        try
        {
            byte[] header = new byte[HeaderBytes];
            while (await _stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false).WithinLimit() is var bytes and > 0)
            {
                if (bytes < HeaderBytes) throw new InvalidDataException("The connection ended in the middle of a frame.");
                byte[] content = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await _stream.ReadExactlyAsync(content).WithinLimit();
                await TakeAsync(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), content);
            }
        }
        finally
        {
            await _sending.WaitAsync().WithinLimit();
            _hasEnded = true;
            _sending.Release();
            _goAway.TrySetException(new InvalidDataException("The connection ended without GOAWAY."));
            foreach ((int stream, Exchange exchange) in _exchanges)
            {
                if (stream > _lastAccepted) exchange.Answer.TrySetResult(null);
                else exchange.Answer.TrySetException(new InvalidDataException($"No whole answer for stream {stream}."));
            }
        }
    }

    private async Task TakeAsync(byte type, byte flags, int stream, byte[] content)
    {
        switch (type)
        {
            case Headers when content[0] != StatusOk:
                _exchanges[stream].Answer.TrySetException(new InvalidDataException("Another status than 200."));
                break;
            case Data:
                _exchanges[stream].Received += Encoding.ASCII.GetString(content);
                break;
            case Reset when _exchanges[stream].Answer.Task.IsCompleted:
                break;
            case Reset:
                int error = BinaryPrimitives.ReadInt32BigEndian(content);
                _exchanges[stream].Answer.TrySetException(new InvalidDataException($"Stream {stream} was reset: {error}."));
                break;
            case Settings or Ping when (flags & Ack) == 0:
                await SendAsync(type, Ack, 0, type == Ping ? content : []);
                break;
            case GoAway:
                int code = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4));
                if (code != 0) throw new InvalidDataException($"GOAWAY with error {code}.");
                _lastAccepted = BinaryPrimitives.ReadInt32BigEndian(content);
                _goAway.TrySetResult(_lastAccepted);
                break;
        }

        if (type is Data or Headers && (flags & EndStream) != 0) _exchanges[stream].Answer.TrySetResult(_exchanges[stream].Received);
    }

    private sealed class Exchange
    {
        private volatile string _received = "";

        public string Received { get => _received; set => _received = value; }

        public TaskCompletionSource<string?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
