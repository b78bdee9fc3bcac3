using System.Buffers;
using RawEcho.Engine;

namespace RawEcho.Server;

/// <summary>Echo (RFC 862): gives back what it gets, until the peer has no more.</summary>
/// <param name="onFirstData">Is told once for each connection that it has sent something; null for nobody.</param>
public sealed class EchoHandler(Action<Connection>? onFirstData = null) : IConnectionHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        Action<Connection>? announce = onFirstData;
        while (true)
        {
            // Waiting costs no buffer: one is rented only while bytes are in hand.
            await connection.WaitForDataAsync();
            using IMemoryOwner<byte> buffer = connection.RentBuffer();
            int received = await connection.ReadAsync(buffer.Memory);
            if (received == 0) return;
            announce?.Invoke(connection);
            announce = null;
            await connection.WriteAsync(buffer.Memory[..received]);
        }
    }
}
