using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>A client that writes its requests byte by byte, over TLS or without.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private WireClient(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    public Socket Socket => _socket;

    public SslStream Tls => (SslStream)_stream;

    /// <param name="host">The server.</param>
    /// <param name="tls">Whether to shake hands.</param>
    /// <param name="alpn">The protocol to ask for; null for none.</param>
    /// <param name="certificate">Whether to show one.</param>
    /// <param name="first">Goes before the handshake; null for nothing.</param>
    public static async Task<WireClient> ConnectAsync(
        WebHost host, bool tls = true, string? alpn = "http/1.1", bool certificate = true,
        byte[]? first = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host.EndPoint).WithinLimit();
        if (first is not null) await socket.SendAsync(first).WithinLimit();
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (!tls) return new WireClient(socket, plain);
        var secured = new SslStream(plain);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
            LocalCertificateSelectionCallback = certificate ? (_, _, _, _, _) => host.ClientCertificate : null,
            ClientCertificates = certificate ? [host.ClientCertificate] : null,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == host.Pki.Issuer.Subject,
        }).WithinLimit();
        return new WireClient(socket, secured);
    }

    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).WithinLimit();

    /// <summary>Reads until the text ends so.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(buffer).WithinLimit() == 0) break;
            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    /// <summary>Reads what there is until the peer ends the stream; a reset counts as an end.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await _stream.ReadAsync(buffer).WithinLimit() is > 0 and var read)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset.
        }

        return text.ToString();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
