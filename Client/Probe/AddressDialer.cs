using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>One address of the server and what came of it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Time">How long the TCP connect took; null when it was not tried.</param>
/// <param name="Failure">Why there is no connection; null when there is one, or it was not tried.</param>
internal sealed record AddressAttempt(IPEndPoint Address, TimeSpan? Time, ConnectException? Failure);

/// <summary>Connects to the first of a server's addresses that takes a connection.</summary>
internal sealed class AddressDialer(ProbeSettings settings)
{
    private readonly List<AddressAttempt> _attempts = [];

    /// <summary>Every address of the name, in the order of their turn.</summary>
    public IReadOnlyList<AddressAttempt> Attempts => _attempts;

    /// <summary>Why the name could not be looked up; null when it could.</summary>
    public string? LookupFailure { get; private set; }

    /// <summary>Looks the name up and tries each address until one connects.</summary>
    /// <returns>The connection; null when there is none.</returns>
    public async Task<Socket?> DialAsync()
    {
        Socket? connected = null;
        foreach (IPEndPoint address in await ResolveAsync())
        {
            if (connected is not null)
            {
                _attempts.Add(new(address, null, null));
                continue;
            }

            long start = Stopwatch.GetTimestamp();
            try
            {
                connected = await ConnectAsync(address, settings.ConnectTimeout);
                _attempts.Add(new(address, Stopwatch.GetElapsedTime(start), null));
            }
            catch (ConnectException e)
            {
                _attempts.Add(new(address, Stopwatch.GetElapsedTime(start), e));
            }
        }

        return connected;
    }

    /// <summary>Connects once more to the address that took a connection.</summary>
    /// <exception cref="ConnectException">This time it did not.</exception>
    public Task<Socket> DialAgainAsync() => ConnectAsync(_attempts.First(a => a is { Time: not null, Failure: null }).Address, settings.ConnectTimeout);

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
    public static async Task<Socket> ConnectAsync(IPEndPoint address, TimeSpan timeout)
    {
        Socket? socket = null;
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address, deadline.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            throw new ConnectException(address, e is SocketException s ? s.SocketErrorCode : SocketError.TimedOut);
        }
    }
}
