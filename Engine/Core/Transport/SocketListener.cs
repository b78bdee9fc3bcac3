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

    /// <param name="socket">Listens. From now on it is the listener's.</param>
    /// <param name="operations">Where args come from.</param>
    public SocketListener(Socket socket, SocketOperationPool operations)
    {
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _socket = socket;
        _operations = operations;
        _accept = operations.Accept.Rent();
        _accept.CompletesInline = true;
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
