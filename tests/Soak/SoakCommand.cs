using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>The command line of rawecho-soak.</summary>
internal static class SoakCommand
{
    /// <summary>Something grew without end, or an invariant was broken.</summary>
    public const int Failed = 9;

    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "all invariants held, and memory, sockets and threads did not grow after the warm-up"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (Failed, "an invariant was broken, or something grew without end; it is said what"),
        (ExitCode.Interrupted, "interrupted: what there was by then has been evaluated and said"),
    ];

    public static RootCommand Create()
    {
        Option<int> minutes = Parsers.Number("--minutes", "How long", 10, 1, 60 * 24 * 7);
        Option<int> seed = Parsers.Number("--seed", "What the faults follow from; 0 for one of its own", 0, 0, int.MaxValue);
        Option<int> arenas = Parsers.Number(
            "--arenas", "Heaps of the C library in the server (MALLOC_ARENA_MAX); 0 for its own default, as users run it", 0, 0, 1024);
        Option<string?> output = Parsers.FileName("--output", "Where the series goes, as CSV [default: artifacts/soak.csv]");
        var root = new RootCommand(
            "Runs handshakes, load and faults together against rawecho-server on loopback, and watches what it holds when it rests.")
        {
            minutes, seed, arenas, output,
        };
        root.SetAction((parsed, _) =>
        {
            RequireLinux();
            int chosen = parsed.GetValue(seed) is > 0 and var given ? given : Environment.TickCount & int.MaxValue;
            return new SoakRun(
                TimeSpan.FromMinutes(parsed.GetValue(minutes)), chosen, parsed.GetValue(arenas),
                parsed.GetValue(output) ?? Layout.Artifact("soak.csv")).RunAsync();
        });
        root.Subcommands.Add(CreateAttack());
        root.Subcommands.Add(CreateStrangers());
        root.Subcommands.Add(CreateRotation());
        root.Subcommands.Add(CreateHttp());
        return root;
    }

    private static Command CreateAttack()
    {
        Option<int> minutes = Parsers.Number("--minutes", "How long", 10, 1, 60 * 24);
        Option<int> rate = Parsers.Number("--rate", "Strangers per second", 30, 1, 10_000);
        var attack = new Command(
            "attack",
            "Strangers with large certificates against a server limited to 100 MB, "
                + "while 50 busy connections beside them must lose nothing.")
        {
            minutes, rate,
        };
        attack.SetAction((parsed, _) =>
        {
            RequireLinux();
            return new AttackRun(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(rate)).RunAsync();
        });
        return attack;
    }

    private static Command CreateStrangers()
    {
        Option<int> peers = Parsers.Number("--peers", "Peers of each kind", 400, 10, 10_000);
        var kind = new Option<string>("--kind") { Description = "One row alone, by its name", HelpName = "name" };
        string[] names = [.. StrangerLoad.All(_ => throw new NotSupportedException()).Select(l => l.Name)];
        kind.AcceptOnlyFromAmong(names);
        var strangers = new Command(
            "strangers", "Measures what a stranger can make the server hold, and prints the table of docs/limits.md.")
        {
            peers,
            kind,
        };
        strangers.SetAction((parsed, _) =>
        {
            RequireLinux();
            return new StrangersTable(parsed.GetValue(peers), parsed.GetValue(kind)).RunAsync();
        });
        return strangers;
    }

    private static Command CreateRotation()
    {
        Option<int> seconds = Parsers.Number("--seconds", "How long", 60, 1, 60 * 60 * 24);
        var rotation = new Command(
            "rotation",
            "Replaces all files of a server ten times a second, every tenth time by broken ones, while connections echo and "
                + "good and bad peers come and go.")
        {
            seconds,
        };
        rotation.SetAction((parsed, _) =>
        {
            RequireLinux();
            return new RotationRun(TimeSpan.FromSeconds(parsed.GetValue(seconds))).RunAsync();
        });
        return rotation;
    }

    private static Command CreateHttp()
    {
        Option<int> minutes = Parsers.Number("--minutes", "How long", 10, 1, 60 * 24);
        var http = new Command(
            "http",
            "HTTP/1.1 and HTTP/2 with connection churn, requests that are given up, and files that are replaced every second; "
                + "then bodies of 1 GiB.")
        {
            minutes,
        };
        http.SetAction((parsed, _) =>
        {
            RequireLinux();
            return new HttpRun(TimeSpan.FromMinutes(parsed.GetValue(minutes))).RunAsync();
        });
        return http;
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCode.Usage, "The soak reads /proc: it runs on Linux alone.");
    }
}
