using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Thrown when a connection cannot be made; the message is one sentence that names the address and says why.</summary>
public sealed class ConnectException : IOException
{
    /// <param name="endPoint">Address and port.</param>
    /// <param name="error">What the socket reported.</param>
    public ConnectException(IPEndPoint endPoint, SocketError error)
        : base(Describe(endPoint, error), new SocketException((int)error)) => (EndPoint, Error) = (endPoint, error);

    /// <param name="endPoint">Address and port.</param>
    /// <param name="waited">How long it was waited for, until it was no longer needed.</param>
    internal ConnectException(IPEndPoint endPoint, TimeSpan waited)
        : base(
            string.Create(CultureInfo.InvariantCulture, $"{endPoint} did not answer within {waited.TotalMilliseconds:N0} ms."),
            new SocketException((int)SocketError.TimedOut)) => (EndPoint, Error, Waited) = (endPoint, SocketError.TimedOut, waited);

    /// <summary>Address and port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What the socket reported.</summary>
    public SocketError Error { get; }

    /// <summary>How long an answer was waited for until another address had one; null where the attempt itself came to an end.</summary>
    public TimeSpan? Waited { get; }

    /// <summary>True when this machine lacks something: that says nothing of the address.</summary>
    internal bool IsOfThisMachine => Error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse;

    private static string Describe(IPEndPoint endPoint, SocketError error) => error switch
    {
        SocketError.ConnectionRefused => $"{endPoint} refused the connection: nothing listens there.",
        SocketError.TimedOut => $"{endPoint} did not answer in time.",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"{endPoint} cannot be reached from this machine.",
        SocketError.TooManyOpenSockets =>
            $"No room for a connection to {endPoint}: it needs more file descriptors than this process may have (ulimit -n).",
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => $"Connecting to {endPoint} found no free local port.",
        _ => $"Connecting to {endPoint} failed: {new SocketException((int)error).Message}.",
    };
}

/// <summary>Opens connections over pooled args.</summary>
internal static class SocketConnector
{
    /// <summary>Connects to <paramref name="remote"/>, from <paramref name="source"/> unless that is null.</summary>
    /// <exception cref="ConnectException">It did not come about, or not within <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to stop.</exception>
    public static async Task<Socket> ConnectAsync(
        IPEndPoint remote, IPAddress? source, TimeSpan timeout, SocketOperationPool operations, CancellationToken cancellation)
    {
        Socket socket = Open(remote, source);
        ConnectOperation operation = operations.Connect.RentOrCreate();
        try
        {
            // Connecting cannot be cancelled but by closing the socket.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(timeout);
            SocketResult result;
            using (deadline.Token.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket))
            {
                result = await operation.ConnectAsync(socket, remote);
            }

            deadline.Token.ThrowIfCancellationRequested();
            return result.IsSuccess ? socket : throw new ConnectException(remote, result.Error);
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
            operations.Connect.Return(operation);
        }
    }

    private static Socket Open(IPEndPoint remote, IPAddress? source)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (source is not null) Bind(socket, source);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new ConnectException(remote, e.SocketErrorCode);
        }
    }

    private static void Bind(Socket socket, IPAddress source)
    {
        // IP_BIND_ADDRESS_NO_PORT, ip(7): the port is chosen when the peer is known, so that one port serves for many peers.
        const int ip = 0, bindAddressNoPort = 24;
        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(ip, bindAddressNoPort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(source, 0));
    }
}
