using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs crl: a revocation list of what was revoked so far.</summary>
internal static class CrlCommand
{
    private const int DefaultDays = 30;
    private const int MaxDays = 3650;

    public static Command Build()
    {
        var command = new Command("crl", "Makes a revocation list (crl.pem) of all that was revoked, for --crl of server and client.");
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("A directory with a CA and its key"));
        OptionReader<int> days = options.Add(Days());
        return parsed =>
        {
            (string path, int valid) = (directory.Read(parsed)!, days.Read(parsed));
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                using CaDirectory ca = CaDirectory.Open(path);
                FoldedLine.Write(output, ca.WriteList(ca.Index, valid), 2);
                return ExitCode.Success;
            };
        };
    }

    /// <summary>The option that says how long a list counts.</summary>
    public static Option<int> Days() =>
        Parsers.Number("--days", "The list counts for so many days: make a new one before", DefaultDays, 1, MaxDays);
}
