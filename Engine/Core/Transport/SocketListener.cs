using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Thrown when an address cannot be listened on; the message is one sentence that names it and says why.</summary>
public sealed class ListenException(IPEndPoint endPoint, SocketException cause) : IOException(Describe(endPoint, cause), cause)
{
    /// <summary>The address asked for.</summary>
    public IPEndPoint EndPoint { get; } = endPoint;

    /// <summary>True when this machine does not have the address, or not its protocol.</summary>
    public bool IsAddressMissing =>
        ((SocketException)InnerException!).SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;

    private static string Describe(IPEndPoint endPoint, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"Cannot listen on {endPoint}: another program uses this port.",
        SocketError.AccessDenied when OperatingSystem.IsWindows() =>
            $"Cannot listen on {endPoint}: another program uses this port alone, or Windows has reserved it.",
        SocketError.AccessDenied => $"Cannot listen on {endPoint}: no permission for this port (those below 1024 need privileges).",
        SocketError.AddressNotAvailable => $"Cannot listen on {endPoint}: this machine does not have that address.",
        SocketError.AddressFamilyNotSupported => $"Cannot listen on {endPoint}: this machine does not speak that protocol.",
        _ => $"Cannot listen on {endPoint}: {cause.Message}.",
    };
}

/// <summary>A listening socket that accepts over pooled args; it knows nothing of what becomes of a connection.</summary>
internal sealed class SocketListener : IDisposable
{
    private readonly Socket _socket;
    private readonly SocketOperationPool _operations;
    private readonly AcceptOperation _accept;

    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public SocketListener(IPEndPoint endPoint, int backlog, SocketOperationPool operations, bool dualMode = false)
    {
        _operations = operations;
        _accept = operations.Accept.Rent();
        _accept.CompletesInline = true;
        Socket? socket = null;
        try
        {
            _socket = socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) _socket.DualMode = dualMode;
            // Elsewhere that is so anyway. Here another program could take the port over while this one listens (SO_REUSEADDR).
            if (OperatingSystem.IsWindows()) _socket.ExclusiveAddressUse = true;
            _socket.Bind(endPoint);
            _socket.Listen(backlog);
            EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch (Exception e)
        {
            socket?.Dispose();
            operations.Accept.Return(_accept);
            if (e is SocketException cause) throw new ListenException(endPoint, cause);
            throw;
        }
    }

    /// <summary>The address with the port that was really taken.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Accepts one connection: its socket, or the error. When it has to wait, it goes on on an event loop.</summary>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    public async ValueTask<(Socket? Socket, SocketError Error)> AcceptAsync()
    {
        SocketResult result = await _accept.AcceptAsync(_socket);
        return (result.IsSuccess ? _accept.AcceptSocket : null, result.Error);
    }

    /// <summary>Stops listening; an accept under way ends with OperationAborted.</summary>
    public void Dispose() => _socket.Dispose();

    /// <summary>Gives the args back, when the last accept has ended. The listener must be disposed for that, or about to be.</summary>
    public async Task ReleaseAsync()
    {
        await _accept.WhenReleased();
        _operations.Accept.Return(_accept);
    }
}
