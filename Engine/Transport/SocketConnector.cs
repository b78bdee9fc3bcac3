using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Thrown when a connection cannot be made; the message is one sentence that names the address and says why.</summary>
public sealed class ConnectException(IPEndPoint endPoint, SocketError error)
    : IOException(Describe(endPoint, error), new SocketException((int)error))
{
    /// <summary>What the socket reported.</summary>
    public SocketError Error { get; } = error;

    private static string Describe(IPEndPoint endPoint, SocketError error) => error switch
    {
        SocketError.ConnectionRefused => $"{endPoint} refused the connection: nothing listens there.",
        SocketError.TimedOut => $"{endPoint} did not answer in time.",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"{endPoint} cannot be reached from this machine.",
        SocketError.TooManyOpenSockets => $"No room for a connection to {endPoint}: it needs more file descriptors than this process may have (ulimit -n).",
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => $"Connecting to {endPoint} found no free local port.",
        _ => $"Connecting to {endPoint} failed: {new SocketException((int)error).Message}.",
    };
}

/// <summary>Opens connections over pooled args.</summary>
internal static class SocketConnector
{
    /// <summary>Connects to <paramref name="remote"/>.</summary>
    /// <exception cref="ConnectException">It did not come about, or not within <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to stop.</exception>
    public static async Task<Socket> ConnectAsync(
        IPEndPoint remote, TimeSpan timeout, SocketOperationPool operations, CancellationToken cancellation)
    {
        Socket socket = Open(remote);
        SocketOperation operation = operations.Rent();
        try
        {
            // Connecting cannot be cancelled but by closing the socket.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(timeout);
            using (deadline.Token.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket))
            {
                await operation.ConnectAsync(socket, remote);
            }

            deadline.Token.ThrowIfCancellationRequested();
            SocketError error = operation.SocketError;
            return error == SocketError.Success ? socket : throw new ConnectException(remote, error);
        }
        catch (Exception e)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            if (e is OperationCanceledException or ObjectDisposedException) throw new ConnectException(remote, SocketError.TimedOut);
            throw;
        }
        finally
        {
            operations.Return(operation);
        }
    }

    private static Socket Open(IPEndPoint remote)
    {
        try
        {
            return new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException e)
        {
            throw new ConnectException(remote, e.SocketErrorCode);
        }
    }
}
