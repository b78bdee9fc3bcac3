using System.CommandLine;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs show: what is in certificate files.</summary>
internal static class ShowCommand
{
    private const int ValueColumn = 13;

    public static Command Build()
    {
        const string meaning = "Shows what stands in certificates (names, purpose, validity, fingerprints) and in revocation lists.";
        var command = new Command("show", meaning);
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        var argument = new Argument<string[]>("files")
        {
            Description = "PEM, DER or PFX files; revocation lists too",
            HelpName = "file",
            Arity = ArgumentArity.OneOrMore,
        };
        argument.Validators.Add(r =>
        {
            if (r.Tokens.Any(t => t.Value.Length == 0)) r.AddError("show takes files, not ''");
        });
        OptionReader<string[]> files = options.Add(argument);
        OptionReader<bool> json = options.Add(new Option<bool>("--json")
        {
            Description = "As one JSON array, for programs; a file that cannot be read is in it, with the reason",
        });
        PasswordOptions password = Options.Password(options);
        return parsed =>
        {
            (string[] names, bool isJson) = (files.Read(parsed), json.Read(parsed));
            PasswordSource source = password.Bind(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () => isJson ? ShowJson(names, source.Read(), output) : ShowAll(names, source.Read(), output);
        };
    }

    private static int ShowAll(IEnumerable<string> files, string? password, TextWriter output)
    {
        int code = ExitCode.Success;
        foreach (string file in files)
        {
            try
            {
                Show(file, password, output);
            }
            catch (Exception e) when (e is CertificateFileException or CommandException)
            {
                // One bad file of many (show dir/*) does not keep the others from being shown.
                StandardStreams.WriteErrorLine($"rawecho-certs: {PeerText.Clean(ProblemText.Of(e))}");
                code = ExitCode.Certificate;
            }
        }

        return code;
    }

    private static int ShowJson(IEnumerable<string> files, string? password, TextWriter output)
    {
        var all = new List<ShownItem>();
        int code = ExitCode.Success;
        foreach (string file in files)
        {
            try
            {
                all.AddRange(ShownItems.Of(file, password));
            }
            catch (Exception e) when (e is CertificateFileException or CommandException)
            {
                all.Add(new ShownItem(file, "unreadable") { Error = ProblemText.Of(e) });
                code = ExitCode.Certificate;
            }
        }

        output.WriteLine(CertsJson.Of([.. all]));
        return code;
    }

    private static void Show(string file, string? password, TextWriter output)
    {
        FileContent content = FileContent.Read(file);
        IReadOnlyList<ReadOnlyMemory<byte>> lists = RevocationListDescription.Find(content);
        for (int i = 0; i < lists.Count; i++) ShowList(file, lists.Count > 1 ? $" ({i + 1} of {lists.Count})" : "", lists[i], output);
        if (lists.Count > 0) return;
        X509Certificate2Collection certificates = CertificateFile.Parse(file, content, password);
        if (certificates.Count == 0) output.WriteLine($"{PeerText.Clean(file)}\n  a private key and no certificate\n");
        for (int i = 0; i < certificates.Count; i++)
        {
            output.WriteLine(PeerText.Clean(file) + (certificates.Count > 1 ? $" ({i + 1} of {certificates.Count})" : ""));
            foreach ((string label, string value) in CertificateDescription.Of(certificates[i]))
                FoldedLine.Write(output, $"  {label,-9}  {PeerText.Clean(value)}", ValueColumn);
            output.WriteLine();
            certificates[i].Dispose();
        }
    }

    private static void ShowList(string file, string position, ReadOnlyMemory<byte> list, TextWriter output)
    {
        try
        {
            // All of it first: half a list would look like a whole one.
            (string, string)[] lines = [.. RevocationListDescription.Of(list)];
            output.WriteLine(PeerText.Clean(file) + position);
            foreach ((string label, string value) in lines) FoldedLine.Write(output, $"  {label,-9}  {PeerText.Clean(value)}", ValueColumn);
            output.WriteLine();
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw new CommandException(ExitCode.Certificate, $"{file}: is a damaged revocation list.");
        }
    }
}
