using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>An answer of HTTP/1.1: its head, with the status line, and its body.</summary>
internal sealed record WireAnswer(string Head, string Body)
{
    /// <summary>Whether the server says that it ends the connection after this answer.</summary>
    public bool EndsConnection => Head.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal);
}

/// <summary>A client of HTTP/1.1 over mutual TLS that writes its requests byte by byte.</summary>
internal sealed class WireHttp1 : IAsyncDisposable
{
    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private string _received = "";

    private WireHttp1(SslStream stream) => _stream = stream;

    public static async Task<WireHttp1> ConnectAsync(Uri server, Certificates certificates) =>
        new(await ConnectAsync(server, certificates, SslApplicationProtocol.Http11));

    /// <summary>A TLS connection with one application protocol.</summary>
    public static async Task<SslStream> ConnectAsync(Uri server, Certificates certificates, SslApplicationProtocol protocol)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port).WithinLimit();
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        SslClientAuthenticationOptions options = certificates.AsClient();
        options.ApplicationProtocols = [protocol];
        await stream.AuthenticateAsClientAsync(options).WithinLimit();
        return stream;
    }

    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).WithinLimit();

    /// <summary>Sends a request without a body and reads the answer.</summary>
    public async Task<WireAnswer?> GetAsync(string path)
    {
        await SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return await ReadAnswerAsync();
    }

    /// <summary>Reads an answer that has a Content-Length.</summary>
    /// <returns>Null when the connection ended in order before the first byte of it.</returns>
    /// <exception cref="InvalidDataException">The answer was cut off.</exception>
    public async Task<WireAnswer?> ReadAnswerAsync()
    {
        string? head = await TakeThroughAsync("\r\n\r\n");
        if (head is null) return null;
        const string name = "\r\nContent-Length: ";
        int at = head.IndexOf(name, StringComparison.Ordinal);
        if (at < 0) throw new InvalidDataException($"No Content-Length: {head}");
        at += name.Length;
        int length = int.Parse(head[at..head.IndexOf('\r', at)], CultureInfo.InvariantCulture);
        while (_received.Length < length) await ReceiveOrFailAsync();
        string body = _received[..length];
        _received = _received[length..];
        return new WireAnswer(head, body);
    }

    /// <summary>Reads up to the end of a text.</summary>
    /// <returns>Null when the connection ended in order before the first byte.</returns>
    /// <exception cref="InvalidDataException">It ended in the middle.</exception>
    public async Task<string?> TakeThroughAsync(string end)
    {
        while (!_received.Contains(end, StringComparison.Ordinal))
        {
            if (_received.Length > 0) await ReceiveOrFailAsync();
            else if (!await TryReceiveAsync()) return null;
        }

        int length = _received.IndexOf(end, StringComparison.Ordinal) + end.Length;
        string taken = _received[..length];
        _received = _received[length..];
        return taken;
    }

    /// <summary>Whether the server ends the connection in order now, with nothing before the end. Closes it on this side, too.</summary>
    public async Task<bool> EndsAsync()
    {
        bool ends = _received.Length == 0 && !await TryReceiveAsync();
        await DisposeAsync();
        return ends;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task ReceiveOrFailAsync()
    {
        if (!await TryReceiveAsync()) throw new InvalidDataException($"The connection ended in the middle of an answer: {_received}");
    }

    private async Task<bool> TryReceiveAsync()
    {
        int bytes = await _stream.ReadAsync(_buffer).WithinLimit();
        _received += Encoding.Latin1.GetString(_buffer, 0, bytes);
        return bytes > 0;
    }
}
