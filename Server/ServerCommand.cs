using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Proxy;
using RawEcho.Server.Listening;

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

    private static readonly Dictionary<string, LogFormat> LogFormats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["text"] = LogFormat.Text,
        ["json"] = LogFormat.Json,
        ["journal"] = LogFormat.Journal,
    };

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Echoes over mutual TLS whatever clients send, and serves HTTP where --http says. "
            + "Without options it listens on localhost:7443 with the development certificates.");
        OptionSet.Attach(root, Declare, settings => new EchoServer(settings).RunAsync());
        return root;
    }

    private static Func<ParseResult, ServerSettings> Declare(OptionSet options)
    {
        const string listenMeaning =
            "Where to echo: host[:port], [IPv6][:port], or :port for all addresses of this machine; without a port 7443; "
            + "may be given more than once; "
            + "port 0 takes a free one for each address; "
            + "localhost:7443 where neither this nor --http is given";
        OptionReader<HostPort[]> listen = options.Add(Addresses("--listen", listenMeaning, Parsers.EchoPort));
        const string httpMeaning =
            "Where to serve HTTP/1.1 and HTTP/2, in the same form: GET /, POST /echo, GET /connection; over TLS as --tls says";
        OptionReader<HostPort[]> http = options.Add(Addresses("--http", httpMeaning, defaultPort: null));
        OptionReader<HostPort?> admin = options.Add(new Option<HostPort?>("--admin")
        {
            Description = "Where to show operators /healthz, /readyz, /metrics (Prometheus) and a live page, without TLS; "
                + "whoever can connect there can look; with :port these are all machines that reach this one",
            HelpName = "host:port",
            CustomParser = r => ParseAddress(r, "--admin", r.Tokens[0].Value, defaultPort: null),
        });
        OptionReader<bool> adminTls = options.Add(new Option<bool>("--admin-tls")
        {
            Description = "Serve --admin over TLS, with the certificates and rules of the other addresses",
        });
        var tls = new TlsCommandOptions(options, PeerRole.Server);
        const string reloadMeaning =
            "How often to look whether certificate, key, CA, lists or allow-list have changed; off: only at SIGHUP";
        OptionReader<Written<TimeSpan>> reload = options.Add(Parsers.Time("--reload", reloadMeaning, "1s"));
        OptionReader<Written<TimeSpan>> idle = options.Add(
            Parsers.Time("--idle-timeout", "Close a connection on which no data moves for so long", "240s"));
        OptionReader<Written<TimeSpan>> write = options.Add(
            Parsers.Time("--write-timeout", "Close a connection whose peer takes nothing for so long", "30s"));
        OptionReader<Written<TimeSpan>> lifetime = options.Add(
            Parsers.Time("--max-lifetime", "End a connection in order after so long", "off"));
        OptionReader<Written<TimeSpan>> drain = options.Add(
            Parsers.Time("--drain-timeout", "When stopping, give connections at work so long to finish", "20s"));
        OptionReader<Written<TimeSpan>> drainDelay = options.Add(Parsers.Time(
            "--drain-delay", "When stopping, go on accepting for so long while /readyz says 503, so that balancers notice", "off"));
        OptionReader<string?> handover = options.Add(new Option<string?>("--handover")
        {
            Description = "Take the place of the server that waits at this socket, if there is one, with its listening sockets; then wait "
                + "there for the server that is to take this one's place, to which it leaves them (Linux)",
            HelpName = "path",
            CustomParser = r => HandoverPath.Parse(r),
        });
        OptionReader<Written<TimeSpan>> duration = options.Add(Parsers.Time("--duration", "Stop in order after so long", "off"));
        OptionReader<int> max = options.Add(Parsers.Number("--max-connections", "Most connections open at a time", 10_000, 1, 1_000_000));
        OptionReader<Written<int>> maxAddress = options.Add(Parsers.Limit(
            "--max-connections-per-address", "Most connections open at a time from one IPv4 address or IPv6 /64", "off", 1_000_000));
        OptionReader<int> handshakes = options.Add(
            Parsers.Number("--max-handshakes", "Handshakes that compute at a time; 0 for one per processor", 0, 0, 1024));
        OptionReader<int> handshakeQueue = options.Add(
            Parsers.Number("--max-handshake-queue", "Handshakes that may wait for their turn to compute", 4096, 0, 1_000_000));
        OptionReader<Written<TimeSpan>> handshakeWait = options.Add(
            Parsers.Time("--max-handshake-wait", "How long a handshake may wait for its first turn to compute", "3s"));
        OptionReader<Written<int>> handshakeBytes = options.Add(
            Parsers.SizeLimit("--max-handshake-bytes", "Bytes that a peer may send until its handshake is complete", "100KiB"));
        OptionReader<Written<int>> chainBytes = options.Add(
            Parsers.SizeLimit("--max-chain-bytes", "Bytes of all certificates of a client together", "64KiB"));
        const string datalessMeaning = "Bytes that a peer may send in records without data (KeyUpdate, empty records)";
        OptionReader<Written<int>> dataless =
            options.Add(Parsers.SizeLimit("--max-bytes-without-data", datalessMeaning, "64KiB"));
        OptionReader<int> loops = options.Add(Parsers.Number("--loops", "Event loops; 0 for one per processor", 0, 0, 1024));
        var proxy = new ProxyOptions(options);
        OptionReader<bool> echoOnly = options.Add(new Option<bool>("--echo-only")
        {
            Description = "Serve no uploads and downloads (rawecho-client --mode), which send as fast as a client takes it; "
                + "with --tls server there are none",
        });
        OptionReader<bool> quiet = options.Add(new Option<bool>("--quiet") { Description = "Say nothing about single connections" });
        OptionReader<bool> verbose =
            options.Add(new Option<bool>("--verbose") { Description = "Describe every connection in full, and say how each ended" });
        OptionReader<Written<LogFormat>> logFormat = options.Add(Parsers.Value<LogFormat>(
            "--log-format", "text|json|journal",
            "text: lines for people; json: one JSON object a line; journal: lines that begin with a priority, for journald", "text",
            LogFormats.TryGetValue, "text, json or journal"));
        return parsed =>
        {
            (bool isQuiet, bool isVerbose) = OneOfTwo.ReadSwitches(parsed, quiet, verbose);
            if (isQuiet && isVerbose) throw new CommandException(ExitCode.Usage, "--quiet and --verbose: choose one of the two.");
            (HostPort[] listenAt, HostPort[] httpAt) = (listen.Read(parsed), http.Read(parsed));
            (HostPort? adminAt, bool adminUsesTls) = (admin.Read(parsed), adminTls.Read(parsed));
            IReadOnlyList<ServerSocket> managed = ManagedSockets.Take();
            bool hasAdmin = adminAt is not null || managed.Any(s => s.Use == SocketUse.Admin);
            if (adminUsesTls && !hasAdmin) throw new CommandException(ExitCode.Usage, "--admin-tls needs --admin.");
            string? handoverAt = handover.Read(parsed);
            if (handoverAt is not null && managed.Count > 0)
            {
                throw new CommandException(
                    ExitCode.Usage, "--handover and sockets of the service manager (LISTEN_FDS): it keeps them open by itself.");
            }

            bool serves = listenAt.Length + httpAt.Length > 0 || managed.Any(s => s.Use != SocketUse.Admin);
            TimeSpan delay = drainDelay.Read(parsed).Value;
            if (delay == Timeout.InfiniteTimeSpan) delay = TimeSpan.Zero;
            if (delay > TimeSpan.Zero && !hasAdmin)
                throw new CommandException(ExitCode.Usage, "--drain-delay needs --admin: nobody else can see that the server is to stop.");
            TlsSource source = tls.Bind(parsed);
            if (adminUsesTls && source.Level == TlsLevel.None)
                throw new CommandException(ExitCode.Usage, "--admin-tls and --tls none: choose one of the two.");
            ProxyProtocolOptions? proxies = proxy.Read(parsed, source);
            TlsMaterial material = source.Load();
            source.StartKeyLog(material);
            return new ServerSettings
            {
                Listen = serves ? listenAt : [new HostPort("localhost", Parsers.EchoPort)],
                Http = httpAt,
                Admin = adminAt,
                Managed = managed,
                Handover = handoverAt,
                AdminUsesTls = adminUsesTls,
                Tls = material,
                ReloadTls = source.Load,
                MaxClientChainBytes = chainBytes.Read(parsed).Value,
                ReloadInterval = reload.Read(parsed).Value,
                Duration = duration.Read(parsed).Value,
                EchoOnly = echoOnly.Read(parsed),
                DrainDelay = delay,
                DrainTimeout = drain.Read(parsed).Value,
                LogFormat = logFormat.Read(parsed).Value,
                Detail = isQuiet ? Detail.Quiet : isVerbose ? Detail.Verbose : Detail.Normal,
                Proxy = proxies,
                Process = new EngineProcessOptions { EventLoops = loops.Read(parsed) },
                Engine = new EngineOptions
                {
                    TrimMemory = true,
                    MaxConnections = max.Read(parsed),
                    MaxConnectionsPerAddress = maxAddress.Read(parsed).Value,
                    MaxHandshakes = handshakes.Read(parsed),
                    MaxHandshakeQueue = handshakeQueue.Read(parsed),
                    MaxHandshakeWait = handshakeWait.Read(parsed).Value,
                    MaxHandshakeBytes = handshakeBytes.Read(parsed).Value,
                    MaxBytesWithoutData = dataless.Read(parsed).Value,
                    MaxLifetime = lifetime.Read(parsed).Value,
                    IdleTimeout = idle.Read(parsed).Value,
                    WriteTimeout = write.Read(parsed).Value,
                },
            };
        };
    }

    private static Option<HostPort[]> Addresses(string name, string meaning, int? defaultPort) => new(name)
    {
        Description = meaning,
        HelpName = "host:port",
        CustomParser = r => [.. r.Tokens.Select(t => ParseAddress(r, name, t.Value, defaultPort))],
        Arity = ArgumentArity.OneOrMore,
    };

    private static HostPort ParseAddress(ArgumentResult result, string name, string word, int? defaultPort)
    {
        if (Parsers.TryListenAddress(word, defaultPort, out HostPort value)) return value;
        result.AddError($"{name} takes an address such as 127.0.0.1:7443, [::1]:7443 or :7443, not '{word}'");
        return default;
    }
}
