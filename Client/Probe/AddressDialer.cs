using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Connects to the first of a server's addresses that takes a connection.</summary>
internal sealed class AddressDialer(ProbeSettings settings)
{
    /// <summary>Every address of the name, in the order of their turn.</summary>
    public IReadOnlyList<AddressAttempt> Attempts { get; private set; } = [];

    /// <summary>Why the name could not be looked up; null when it could.</summary>
    public string? LookupFailure { get; private set; }

    /// <summary>The address that took a connection; null when none did.</summary>
    public IPEndPoint? Connected => Attempts.FirstOrDefault(a => a is { Time: not null, Failure: null })?.Address;

    /// <summary>Looks the name up.</summary>
    /// <returns>Null when that failed.</returns>
    public async Task<ServerAddresses?> LookUpAsync()
    {
        try
        {
            IPEndPoint[] resolved = await HostNames.ResolveAsync(settings.Server).WaitAsync(settings.ConnectTimeout);
            return resolved.Length == 0 ? null : new ServerAddresses(resolved);
        }
        catch (CommandException e)
        {
            LookupFailure = e.Message;
        }
        catch (TimeoutException)
        {
            LookupFailure = $"The host name '{settings.Server.Host}' cannot be looked up: no answer in time.";
        }

        return null;
    }

    /// <summary>
    /// Tries each address until one connects, the next one when the last has failed, or has been silent for long enough. Keeps what came of
    /// each.
    /// </summary>
    /// <exception cref="ConnectException">None did.</exception>
    /// <exception cref="ConnectionEndedException">The connection ended at once, or in the handshake.</exception>
    public Task<Connection> ConnectAsync(EngineClient client, ServerAddresses server, ConnectOptions options) =>
        ConnectAsync(client, server, options, attempts => Attempts = attempts);

    /// <summary>Connects once more, to the address that took a connection.</summary>
    /// <inheritdoc cref="ConnectAsync(EngineClient, ServerAddresses, ConnectOptions)"/>
    public Task<Connection> ConnectAgainAsync(EngineClient client, ConnectOptions options) =>
        ConnectAsync(client, new ServerAddresses(Connected!), options, _ => { });

    private static async Task<Connection> ConnectAsync(
        EngineClient client, ServerAddresses server, ConnectOptions options, Action<IReadOnlyList<AddressAttempt>> dialed)
    {
        bool hasWinner = false;
        void Keep(IReadOnlyList<AddressAttempt> attempts)
        {
            dialed(attempts);
            hasWinner = attempts.Any(a => a is { Time: not null, Failure: null });
        }

        try
        {
            return await client.ConnectAsync(server, options with { OnDialed = Keep });
        }
        catch (ConnectException) when (hasWinner)
        {
            // The server took the connection and reset it before the first byte: TCP has done its part.
            throw new ConnectionEndedException(new ConnectionEnd(CloseReason.PeerReset));
        }
    }
}
