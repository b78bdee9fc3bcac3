using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Faults;

/// <summary>The command line of rawecho-fault-proxy.</summary>
internal static class FaultProxyCommand
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "stopped in order"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (ExitCode.Network, "the address cannot be listened on"),
    ];

    public static RootCommand Create()
    {
        Option<Written<HostPort>> target = Address("--target", "The server", "localhost:7443");
        Option<Written<HostPort>> listen = Address("--listen", "Where to listen", "127.0.0.1:7444");
        Option<int> seed = Parsers.Number("--seed", "What all faults follow from; 0 for one of its own", 0, 0, int.MaxValue);
        Option<int> share = Parsers.Number("--percent", "Connections that suffer a fault, of a hundred", 50, 0, 100);

        var root = new RootCommand(
            "Stands between a client and a server, splits, merges and delays what passes, "
                + "and damages some connections: turned bits, missing bytes, early FIN, reset.");
        foreach (Option option in new Option[] { target, listen, seed, share }) root.Options.Add(option);
        root.SetAction(async (parsed, _) =>
        {
            const double hundred = 100;
            IPEndPoint server = (await HostNames.ResolveAsync(parsed.GetValue(target).Value))[0];
            IPEndPoint own = (await HostNames.ResolveAsync(parsed.GetValue(listen).Value))[0];
            int chosen = parsed.GetValue(seed) is > 0 and var given ? given : Environment.TickCount & int.MaxValue;
            await using FaultProxy proxy = Start(server, own, new FaultOptions { Seed = chosen, Share = parsed.GetValue(share) / hundred });
            await Console.Out.WriteLineAsync($"Listening on {proxy.EndPoint} for {server}, seed {chosen}. Ctrl-C or SIGTERM to stop.");
            using var stop = new StopSignal();
            await stop.Asked;
            string faults = string.Join(
                ", ", proxy.Done.OrderBy(d => d.Key).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} {d.Value}")));
            await Console.Out.WriteLineAsync(
                $"Seed {chosen}: {proxy.Connections} connections; faults: {(faults.Length == 0 ? "none" : faults)}");
            return ExitCode.Success;
        });
        return root;
    }

    private static FaultProxy Start(IPEndPoint server, IPEndPoint listen, FaultOptions options)
    {
        try
        {
            return new FaultProxy(server, options, listen);
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Network, $"Cannot listen on {listen}: {e.Message}.");
        }
    }

    private static Option<Written<HostPort>> Address(string name, string description, string defaultText) =>
        Parsers.Value<HostPort>(name, "host:port", description, defaultText, Parsers.TryHostPort, "an address such as 127.0.0.1:7443");
}
