using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs show: what is in certificate files.</summary>
internal static class ShowCommand
{
    public static Command Build()
    {
        var command = new Command("show", "Shows what stands in certificates: names, purpose, validity, fingerprints.");
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        var argument = new Argument<string[]>("files")
        {
            Description = "PEM, DER or PFX files",
            HelpName = "file",
            Arity = ArgumentArity.OneOrMore,
        };
        argument.Validators.Add(r =>
        {
            if (r.Tokens.Any(t => t.Value.Length == 0)) r.AddError("show takes files, not ''");
        });
        OptionReader<string[]> files = options.Add(argument);
        PasswordOptions password = Options.Password(options);
        return parsed =>
        {
            string[] names = files.Read(parsed);
            PasswordSource source = password.Bind(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () => ShowAll(names, source.Read(), output);
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

    private static void Show(string file, string? password, TextWriter output)
    {
        X509Certificate2Collection certificates = CertificateFile.Read(file, password);
        if (certificates.Count == 0) output.WriteLine($"{PeerText.Clean(file)}\n  a private key and no certificate\n");
        for (int i = 0; i < certificates.Count; i++)
        {
            output.WriteLine(PeerText.Clean(file) + (certificates.Count > 1 ? $" ({i + 1} of {certificates.Count})" : ""));
            foreach ((string label, string value) in CertificateDescription.Of(certificates[i]))
                output.WriteLine($"  {label,-9}  {PeerText.Clean(value)}");
            output.WriteLine();
            certificates[i].Dispose();
        }
    }
}
