using System.CommandLine;
using System.Globalization;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Tls;

namespace RawEcho.Client;

/// <summary>The command line of rawecho-client.</summary>
internal static class ClientCommand
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "every echo matched"),
        (ExitCode.Defect, "a defect of the program"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (ExitCode.Certificate, "a certificate or key file is missing, unreadable or does not fit"),
        (ExitCode.Network, "the server cannot be reached"),
        (ExitCode.TlsRefused, "refused by TLS, by the server or by this client"),
        (ExitCode.Mismatch, "an echo differed from what was sent"),
        (ExitCode.ConnectionLost, "a connection broke while an echo was owed"),
        (ExitCode.ServerClosed, "the server closed in order before the run was over"),
        (ExitCode.Interrupted, "interrupted a second time, without waiting for the last echoes"),
    ];

    private const int MaxSize = 64 * 1024 * 1024;

    public static RootCommand Create()
    {
        var server = new Option<HostPort>("--server")
        {
            Description = "The server: host:port, [IPv6]:port or :port",
            HelpName = "host:port",
            DefaultValueFactory = _ => new HostPort("localhost", 7443),
            CustomParser = r => Parsers.Parse(r, (string w, out HostPort v) => Parsers.TryHostPort(w, out v) && v.Port > 0, out HostPort v, "an address such as localhost:7443") ? v : default,
        };
        var serverName = new Option<string?>("--server-name")
        {
            Description = "The name that the server's certificate must be made for; default: the host of --server",
            HelpName = "name",
            CustomParser = r => Parsers.Parse(r, TryHostName, out string name, "a DNS name or an IP address") ? name : null,
        };
        Option<int> clients = Parsers.Number("--clients", "Connections", 64, 1, 1_000_000);
        var duration = new Option<TimeSpan?>("--duration")
        {
            Description = "How long to send (10s, 2m); default 10s unless --messages is given",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, (string w, out TimeSpan t) => Parsers.TryTime(w, out t) && t > TimeSpan.Zero, out TimeSpan time, "a time such as 10s or 2m") ? time : null,
        };
        var messages = new Option<long?>("--messages")
        {
            Description = "How many messages to send, over all clients, instead of --duration",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, TryCount, out long count, "a whole number from 1") ? count : null,
        };
        Option<Written<(int Min, int Max)>> size = Parsers.Value<(int Min, int Max)>(
            "--size", "bytes", "Bytes of a message: one number, or a range to choose from at random", "1-100",
            (string w, out (int Min, int Max) v) => Parsers.TryRange(w, out v) && v.Max <= MaxSize, $"a number of bytes or a range such as 1-100, at most {MaxSize}");
        var tls = new TlsCommandOptions(PeerRole.Client);
        Option<Written<TimeSpan>> connect = Parsers.Time("--connect-timeout", "How long a TCP connect may take", "10s");
        Option<Written<TimeSpan>> echo = Parsers.Time("--echo-timeout", "How long a connection may stay without any data while an echo is owed", "30s");
        Option<Written<TimeSpan>> drain = Parsers.Time("--drain-timeout", "How long to wait for the last echoes when the run is over", "5s");
        Option<int> loops = Parsers.Number("--loops", "Event loops; 0 for one per processor", 0, 0, 1024);
        var wait = new Option<bool>("--wait") { Description = "Connect all, then start at a key press (or a line on standard input)" };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing but the results" };
        var verbose = new Option<bool>("--verbose") { Description = "Describe every connection in full" };

        var root = new RootCommand("Loads an echo server over mutual TLS and verifies every byte. Without options: 64 clients, 10 s, messages of 1 to 100 bytes, localhost:7443, the development certificates.");
        foreach (Option option in new Option[] { server, serverName, clients, duration, messages, size }) root.Options.Add(option);
        tls.AddTo(root);
        foreach (Option option in new Option[] { connect, echo, drain, loops, wait, quiet, verbose }) root.Options.Add(option);

        root.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(quiet) && parsed.GetValue(verbose)) throw new CommandException(ExitCode.Usage, "--quiet and --verbose: choose one of the two.");
            if (parsed.GetValue(duration) is not null && parsed.GetValue(messages) is not null)
                throw new CommandException(ExitCode.Usage, "--duration and --messages: choose one of the two.");
            long? count = parsed.GetValue(messages);
            (int min, int max) = parsed.GetValue(size).Value;
            HostPort target = parsed.GetValue(server);
            TlsMaterial material = tls.Load(parsed);
            tls.StartKeyLog(parsed, material);
            var settings = new ClientSettings
            {
                Server = target,
                ServerName = parsed.GetValue(serverName) ?? target.Host,
                Tls = material,
                Shape = new LoadShape(parsed.GetValue(clients), min, max, count is null ? parsed.GetValue(duration) ?? TimeSpan.FromSeconds(10) : null, count),
                EchoTimeout = parsed.GetValue(echo).Value,
                DrainTimeout = parsed.GetValue(drain).Value,
                Wait = parsed.GetValue(wait),
                Quiet = parsed.GetValue(quiet),
                Verbose = parsed.GetValue(verbose),
                Engine = new EngineOptions
                {
                    EventLoops = parsed.GetValue(loops),
                    MaxConnections = parsed.GetValue(clients),
                    ConnectTimeout = parsed.GetValue(connect).Value,
                    // The client itself looks after echoes that do not come: before the start nothing moves, and rightly so.
                    IdleTimeout = Timeout.InfiniteTimeSpan,
                    WriteTimeout = Timeout.InfiniteTimeSpan,
                },
            };
            return new LoadProgram(settings).RunAsync();
        });
        return root;
    }

    private static bool TryHostName(string word, out string name)
    {
        name = word;
        return Uri.CheckHostName(word) != UriHostNameType.Unknown;
    }

    private static bool TryCount(string word, out long count) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
}
