using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Soak;

/// <summary>The command line of rawecho-soak.</summary>
internal static class SoakCommand
{
    /// <summary>Something grew without end, or an invariant was broken.</summary>
    public const int Failed = 9;

    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "all invariants held, and memory, descriptors and threads reached a plateau"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (Failed, "an invariant was broken, or something grew without end; it is said what"),
    ];

    public static RootCommand Create()
    {
        Option<int> minutes = Parsers.Number("--minutes", "How long", 10, 1, 60 * 24 * 7);
        Option<int> seed = Parsers.Number("--seed", "What the faults follow from; 0 for one of its own", 0, 0, int.MaxValue);
        var root = new RootCommand("Runs churn, load and faults together against rawecho-server on loopback, and watches what it holds when it rests.") { minutes, seed };
        root.SetAction((parsed, cancellation) =>
        {
            if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCode.Usage, "The soak reads /proc: it runs on Linux alone.");
            int chosen = parsed.GetValue(seed) is > 0 and var given ? given : Environment.TickCount & int.MaxValue;
            return new SoakRun(TimeSpan.FromMinutes(parsed.GetValue(minutes)), chosen).RunAsync(cancellation);
        });
        return root;
    }
}
