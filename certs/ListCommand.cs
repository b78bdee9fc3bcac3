using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>What list says of a certificate.</summary>
/// <param name="Name">What its files are called; null where the index does not say.</param>
/// <param name="Role">server or client; null where the index does not say.</param>
/// <param name="Serial">In hexadecimal.</param>
/// <param name="Subject">Its distinguished name.</param>
/// <param name="NotAfter">Until when it is valid.</param>
/// <param name="State">good, replaced, expired, revoked or broken.</param>
/// <param name="RevokedAt">When it was revoked; null while it is good.</param>
/// <param name="Reason">Why it was revoked, or what is broken; null otherwise.</param>
internal sealed record ListedCertificate(
    string? Name, string? Role, string Serial, string Subject, DateTimeOffset NotAfter, string State, DateTimeOffset? RevokedAt,
    string? Reason);

/// <summary>rawecho-certs list: what the CA of a directory has issued.</summary>
internal static class ListCommand
{
    private const int StateColumn = 3;

    public static Command Build()
    {
        var command = new Command("list", "Lists what the CA in a directory has issued, and what became of it.");
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("The directory with the CA"));
        OptionReader<bool> json = options.Add(new Option<bool>("--json") { Description = "As one JSON array, for programs" });
        return parsed =>
        {
            (string path, bool isJson) = (directory.Read(parsed)!, json.Read(parsed));
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                if (!Directory.Exists(path)) throw new CommandException(ExitCode.Certificate, $"{path}: no such directory.");
                // Without an index nothing is known, which is not the same as nothing issued.
                string file = Path.Combine(path, CertificateSet.Index);
                if (!File.Exists(file)) FileContent.Read(file);
                ListedCertificate[] all = [.. Describe(IssuedIndex.Read(path), DateTimeOffset.UtcNow)];
                if (isJson) output.WriteLine(CertsJson.Of(all));
                else WriteTable(all, output);
                return ExitCode.Success;
            };
        };
    }

    private static IEnumerable<ListedCertificate> Describe(IssuedIndex index, DateTimeOffset now)
    {
        for (int i = 0; i < index.Certificates.Count; i++)
        {
            IssuedCertificate c = index.Certificates[i];
            bool isReplaced = c.Name is not null && index.Certificates.Skip(i + 1).Any(later => later.Name == c.Name);
            string state = c.RevokedAt is not null ? "revoked"
                : c.Broken is not null ? "broken"
                : c.NotAfter <= now ? "expired"
                : isReplaced ? "replaced"
                : "good";
            yield return new ListedCertificate(
                c.Name, c.Role, c.Serial, c.Subject, c.NotAfter, state, c.RevokedAt, c.RevokedAt is null ? c.Broken : c.Reason);
        }
    }

    private static void WriteTable(ListedCertificate[] all, TextWriter output)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        foreach (string line in Table(all, isTerminal ? TerminalWidth.OfOutput : int.MaxValue)) output.WriteLine(line);
    }

    /// <summary>The lines of the table.</summary>
    /// <param name="all">The certificates.</param>
    /// <param name="width">The most columns. Where they are too few, the reason of a state stands in a line of its own below it.</param>
    internal static IEnumerable<string> Table(IReadOnlyList<ListedCertificate> all, int width)
    {
        string[] titles = ["NAME", "ROLE", "UNTIL", "STATE", "SERIAL"];
        string[][] rows = [titles, .. all.Select(c => Cells(c, withReason: true))];
        bool fits = Widths(rows).Sum(w => w + 2) - 2 <= width;
        if (!fits) rows = [titles, .. all.Select(c => Cells(c, withReason: false))];
        int[] widths = Widths(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            yield return string.Join("  ", rows[i].Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
            if (!fits && i > 0 && all[i - 1].Reason is { } reason)
                yield return new string(' ', widths.Take(StateColumn).Sum(w => w + 2)) + reason;
        }
    }

    private static string[] Cells(ListedCertificate c, bool withReason) =>
    [
        c.Name ?? PeerText.Clean(c.Subject), c.Role ?? "-", CertificateText.Day(c.NotAfter),
        withReason && c.Reason is not null ? $"{c.State}: {c.Reason}" : c.State, c.Serial,
    ];

    private static int[] Widths(string[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(r => r[column].Length))];
}
