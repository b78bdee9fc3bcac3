using System.Globalization;
using RawEcho.CommandLine;
using RawEcho.Engine.Hosting;

namespace RawEcho.Client.Targets;

/// <summary>
/// Whether a host may have so many connections. The runtime has already raised the soft limit on file descriptors to the hard one, so a
/// host that takes fewer than it was asked for says that nothing but a higher hard limit would help.
/// </summary>
internal static class DescriptorRoom
{
    /// <summary>Finds out before the first connection.</summary>
    /// <param name="client">A client that was asked for that many.</param>
    /// <param name="connections">Connections at a time, count.</param>
    /// <param name="clients">What the user asked for.</param>
    /// <exception cref="CommandException">They are too many.</exception>
    public static void Check(EngineClient client, int connections, int clients)
    {
        if (client.MaxConnections >= connections) return;
        string who = clients == 1 ? "1 client needs" : FormattableString.Invariant($"{clients:N0} clients need");
        throw new CommandException(ExitCode.Network, string.Create(
            CultureInfo.InvariantCulture,
            $"{who} more file descriptors than this process may have (up to {connections:N0} connections at a time, "
            + $"and there is room for {client.MaxConnections:N0}): raise the hard limit (ulimit -Hn; of a service, LimitNOFILE)."));
    }
}
