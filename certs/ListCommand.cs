using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

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
        string[][] rows =
        [
            ["NAME", "ROLE", "UNTIL", "STATE", "SERIAL"],
            .. all.Select(c => new[]
            {
                c.Name ?? PeerText.Clean(c.Subject), c.Role ?? "-", CertificateText.Day(c.NotAfter),
                c.Reason is null ? c.State : $"{c.State}: {c.Reason}", c.Serial,
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(r => r[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
