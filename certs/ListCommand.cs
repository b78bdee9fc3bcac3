using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>rawecho-certs crl: a revocation list of what was revoked so far.</summary>
internal static class ListCommand
{
    private const int DefaultDays = 30;
    private const int MaxDays = 3650;

    public static Command Build()
    {
        Option<string?> directory = Options.Directory("A directory with a CA and its key");
        Option<int> days = Days();
        var command = new Command(
            "crl", "Makes a revocation list (crl.pem) of all that was revoked, for --crl of server and client.")
        {
            directory, days,
        };
        command.SetAction(parsed =>
        {
            using CaDirectory ca = CaDirectory.Open(parsed.GetValue(directory)!);
            parsed.InvocationConfiguration.Output.WriteLine(ca.WriteList(ca.Index, parsed.GetValue(days)));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The option that says how long a list counts.</summary>
    public static Option<int> Days() =>
        Parsers.Number("--days", "The list counts for so many days: make a new one before", DefaultDays, 1, MaxDays);
}
