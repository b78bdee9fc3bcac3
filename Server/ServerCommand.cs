using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Server;

/// <summary>The command line of rawecho-server.</summary>
internal static class ServerCommand
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "stopped in order"),
        (ExitCode.Defect, "a defect of the program"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (ExitCode.Certificate, "a certificate or key file is missing, unreadable, expired or does not fit"),
        (ExitCode.Network, "an address cannot be listened on"),
        (ExitCode.Output, "standard output cannot be written, or its reader is gone: the log is not complete"),
        (ExitCode.Interrupted, "interrupted a second time, without draining"),
    ];

    public static RootCommand Create()
    {
        var listen = new Option<HostPort[]>("--listen")
        {
            Description = "Where to listen: host:port, [IPv6]:port or :port; may be given more than once; port 0 takes a free one for each address",
            HelpName = "host:port",
            DefaultValueFactory = _ => [new HostPort("localhost", 7443)],
            CustomParser = r => [.. r.Tokens.Select(t => ParseListen(r, t.Value))],
            Arity = ArgumentArity.OneOrMore,
        };
        var tls = new TlsCommandOptions(PeerRole.Server);
        Option<Written<TimeSpan>> reload = Parsers.Time("--reload", "How often to look whether certificate, key, CA, lists or allow-list have changed; off: only at SIGHUP", "1s");
        Option<Written<TimeSpan>> idle = Parsers.Time("--idle-timeout", "Close a connection on which no data moves for so long", "240s");
        Option<Written<TimeSpan>> write = Parsers.Time("--write-timeout", "Close a connection whose peer takes nothing for so long", "30s");
        Option<Written<TimeSpan>> drain = Parsers.Time("--drain-timeout", "When stopping, give connections at work so long to finish", "20s");
        Option<Written<TimeSpan>> duration = Parsers.Time("--duration", "Stop in order after so long", "off");
        Option<int> max = Parsers.Number("--max-connections", "Most connections open at a time", 10_000, 1, 1_000_000);
        Option<Written<int>> maxAddress = Parsers.Limit("--max-connections-per-address", "Most connections open at a time from one IPv4 address or IPv6 /64", "off", 1_000_000);
        Option<int> handshakes = Parsers.Number("--max-handshakes", "Handshakes that compute at a time; 0 for one per processor", 0, 0, 1024);
        Option<int> handshakeQueue = Parsers.Number("--max-handshake-queue", "Handshakes that may wait for their turn to compute", 4096, 0, 1_000_000);
        Option<Written<int>> handshakeBytes = Parsers.Limit("--max-handshake-bytes", "Bytes that a peer may send until its handshake is complete", "102400", int.MaxValue);
        Option<Written<int>> chainBytes = Parsers.Limit("--max-chain-bytes", "Bytes of all certificates of a client together", "65536", int.MaxValue);
        Option<Written<int>> dataless = Parsers.Limit("--max-bytes-without-data", "Bytes that a peer may send in records without data (KeyUpdate, empty records)", "65536", int.MaxValue);
        Option<Written<TimeSpan>> lifetime = Parsers.Time("--max-lifetime", "End a connection in order after so long", "off");
        Option<int> loops = Parsers.Number("--loops", "Event loops; 0 for one per processor", 0, 0, 1024);
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing about single connections" };
        var verbose = new Option<bool>("--verbose") { Description = "Describe every connection in full, and say how each ended" };

        var root = new RootCommand("Echoes over mutual TLS whatever clients send. Without options it listens on localhost:7443 with the development certificates.");
        root.Options.Add(listen);
        tls.AddTo(root);
        foreach (Option option in new Option[] { reload, idle, write, lifetime, drain, duration, max, maxAddress, handshakes, handshakeQueue, handshakeBytes, chainBytes, dataless, loops, quiet, verbose }) root.Options.Add(option);

        root.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(quiet) && parsed.GetValue(verbose)) throw new CommandException(ExitCode.Usage, "--quiet and --verbose: choose one of the two.");
            TlsMaterial material = tls.Load(parsed);
            tls.StartKeyLog(parsed, material);
            var settings = new ServerSettings
            {
                Listen = parsed.GetRequiredValue(listen),
                Tls = material,
                ReloadTls = () => tls.Load(parsed),
                MaxClientChainBytes = parsed.GetValue(chainBytes).Value,
                ReloadInterval = parsed.GetValue(reload).Value,
                Duration = parsed.GetValue(duration).Value,
                DrainTimeout = parsed.GetValue(drain).Value,
                Detail = parsed.GetValue(quiet) ? Detail.Quiet : parsed.GetValue(verbose) ? Detail.Verbose : Detail.Normal,
                Process = new EngineProcessOptions { EventLoops = parsed.GetValue(loops) },
                Engine = new EngineOptions
                {
                    TrimMemory = true,
                    MaxConnections = parsed.GetValue(max),
                    MaxConnectionsPerAddress = parsed.GetValue(maxAddress).Value,
                    MaxHandshakes = parsed.GetValue(handshakes),
                    MaxHandshakeQueue = parsed.GetValue(handshakeQueue),
                    MaxHandshakeBytes = parsed.GetValue(handshakeBytes).Value,
                    MaxBytesWithoutData = parsed.GetValue(dataless).Value,
                    MaxLifetime = parsed.GetValue(lifetime).Value,
                    IdleTimeout = parsed.GetValue(idle).Value,
                    WriteTimeout = parsed.GetValue(write).Value,
                },
            };
            return new EchoServer(settings).RunAsync();
        });
        return root;
    }

    private static HostPort ParseListen(System.CommandLine.Parsing.ArgumentResult result, string word)
    {
        if (Parsers.TryHostPort(word, out HostPort value)) return value;
        result.AddError($"--listen takes an address such as 127.0.0.1:7443, [::1]:7443 or :7443, not '{word}'");
        return default;
    }
}
