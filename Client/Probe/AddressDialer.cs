using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Connects to the first of a server's addresses that takes a connection.</summary>
internal sealed class AddressDialer(ProbeSettings settings)
{
    private IPEndPoint? _connected;

    /// <summary>Every address of the name, in the order of their turn.</summary>
    public IReadOnlyList<AddressAttempt> Attempts { get; private set; } = [];

    /// <summary>Why the name could not be looked up; null when it could.</summary>
    public string? LookupFailure { get; private set; }

    /// <summary>
    /// Looks the name up and tries each address until one connects: the next one when the last has failed, or has been silent for long
    /// enough.
    /// </summary>
    /// <returns>The connection; null when there is none.</returns>
    public async Task<Socket?> DialAsync()
    {
        IPEndPoint[] resolved = await ResolveAsync();
        if (resolved.Length == 0) return null;
        var race = new AddressRace(new ServerAddresses(resolved), (address, end) => ConnectAsync(address, settings.ConnectTimeout, end));
        DialedSocket? dialed = await race.RunAsync(CancellationToken.None);
        Attempts = race.Attempts;
        _connected = dialed?.Address;
        return dialed?.Socket;
    }

    /// <summary>Connects once more to the address that took a connection.</summary>
    /// <exception cref="ConnectException">This time it did not.</exception>
    public Task<Socket> DialAgainAsync() => ConnectAsync(_connected!, settings.ConnectTimeout);

    private async Task<IPEndPoint[]> ResolveAsync()
    {
        try
        {
            return await HostNames.ResolveAsync(settings.Server).WaitAsync(settings.ConnectTimeout);
        }
        catch (CommandException e)
        {
            LookupFailure = e.Message;
        }
        catch (TimeoutException)
        {
            LookupFailure = $"The host name '{settings.Server.Host}' cannot be looked up: no answer in time.";
        }

        return [];
    }

    /// <summary>Connects to one address.</summary>
    /// <exception cref="ConnectException">It did not come about, or not in time.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="end"/> asked to give up.</exception>
    public static async Task<Socket> ConnectAsync(IPEndPoint address, TimeSpan timeout, CancellationToken end = default)
    {
        Socket? socket = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(end);
        deadline.CancelAfter(timeout);
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address, deadline.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            end.ThrowIfCancellationRequested();
            throw new ConnectException(address, e is SocketException s ? s.SocketErrorCode : SocketError.TimedOut);
        }
    }
}
