using System.Buffers;
using RawEcho.Engine;

namespace RawEcho.Server;

/// <summary>Echo (RFC 862): gives back what it gets, until the peer has no more.</summary>
public sealed class EchoHandler : IConnectionHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        while (true)
        {
            // Waiting costs no buffer: one is rented only while bytes are in hand.
            await connection.WaitForDataAsync();
            using IMemoryOwner<byte> buffer = connection.RentBuffer();
            int received = await connection.ReadAsync(buffer.Memory);
            if (received == 0) return;
            await connection.WriteAsync(buffer.Memory[..received]);
        }
    }
}
