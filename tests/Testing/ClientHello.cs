using System.Net.Security;
using System.Security.Authentication;

namespace RawEcho.Testing;

/// <summary>The first flight of a TLS client as bytes, for peers that begin a handshake and do not go on with it.</summary>
public static class ClientHello
{
    /// <summary>A ClientHello in its record. It may be sent over and over: nothing in it is bound to a connection.</summary>
    /// <param name="version">One version of TLS.</param>
    public static async Task<byte[]> MakeAsync(SslProtocols version)
    {
        using var wire = new Wire();
        await using var tls = new SslStream(wire);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version });
        }
        catch (IOException)
        {
            // Nobody answers.
        }

        return wire.Sent.ToArray();
    }

    // Keeps what is written; a read finds the end.
    private sealed class Wire : MemoryStream
    {
        public MemoryStream Sent { get; } = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(0);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Sent.WriteAsync(buffer, cancellationToken);
    }
}
