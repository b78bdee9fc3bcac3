using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs create: a root, a server's and a client's certificate.</summary>
internal static class CreateCommand
{
    private const int CaDays = 3650;
    private const int MaxDays = 36500;

    private static readonly string[] LocalHosts = ["localhost", "127.0.0.1", "::1"];

    public static Command Build()
    {
        const string meaning = "Creates a private CA, and with it a certificate for a server and one for a client. "
            + "The PFX files have a password only if one is named.";
        var command = new Command("create", meaning);
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("Where the files go"));
        OptionReader<string[]> hosts = options.Add(Options.Hosts(
            "A DNS name or IP address of the server; may be given several times [default: localhost, 127.0.0.1 and ::1]"));
        OptionReader<string> client = options.Add(new Option<string>("--client")
        {
            Description = "The name in the client's certificate",
            HelpName = "name",
            DefaultValueFactory = _ => "client.rawecho.test",
            CustomParser = r => Parsers.Parse(r, SubjectName.TryClient, out string name, "a DNS name") ? name : "",
        });
        OptionReader<KeyAlgorithm?> key = options.Add(Options.Key("The kind of all keys [default: p256]"));
        const string daysMeaning = "How long the server's and the client's certificate are valid; the CA is for at least ten years";
        OptionReader<int> days = options.Add(Parsers.Number("--days", daysMeaning, 365, 1, MaxDays));
        OptionReader<bool> force = options.Add(new Option<bool>("--force") { Description = "Replace files that exist" });
        PasswordOptions password = Options.Password(options);
        return parsed =>
        {
            var request = new Request(
                directory.Read(parsed)!,
                hosts.Read(parsed) is { Length: > 0 } given ? given : LocalHosts,
                client.Read(parsed),
                key.Read(parsed) ?? KeyAlgorithm.P256,
                days.Read(parsed),
                Options.NotEmpty(password.Bind(parsed).Read()),
                force.Read(parsed));
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                Run(request, output);
                return ExitCode.Success;
            };
        };
    }

    private static void Run(Request request, TextWriter output)
    {
        // Asked before keys are generated, which can take a while.
        FileSetWriter.EnsureFree(request.Directory, CertificateSet.Names, request.Force);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Validity leafValidity = Validity.ForDays(request.Days, now);
        using var ca = new CertificateAuthority(request.Key, Validity.ForDays(Math.Max(CaDays, request.Days), now));
        using X509Certificate2 server = ca.Issue(PeerRole.Server, request.Hosts, leafValidity);
        using X509Certificate2 client = ca.Issue(PeerRole.Client, [request.Client], leafValidity);
        FileSetWriter.Write(request.Directory, CertificateSet.Render(ca.Certificate, server, client, request.Password), request.Force);
        // A list of the CA that was replaced: no one could use it, and the new CA's name is another.
        File.Delete(Path.Combine(request.Directory, CertificateSet.RevocationList));

        string both = request.Password is null ? "both in one file, without a password" : "both in one file, with the password";
        DateTimeOffset caEnd = ValidityPeriod.Of(ca.Certificate).Until;
        (string Name, string Purpose)[] purposes =
        [
            (CertificateSet.CaCertificate, $"the root that both sides trust, until {CertificateText.Day(caEnd)}"),
            (CertificateSet.CaKey, "its private key: whoever has it can issue certificates; no program needs it"),
            (CertificateSet.ServerCertificate,
                $"the server's certificate, until {CertificateText.Day(leafValidity.NotAfter)}, for {string.Join(", ", request.Hosts)}"),
            (CertificateSet.ServerKey, "its private key"),
            (CertificateSet.ServerPfx, both),
            (CertificateSet.ClientCertificate,
                $"the client's certificate, until {CertificateText.Day(leafValidity.NotAfter)}, for {request.Client}"),
            (CertificateSet.ClientKey, "its private key"),
            (CertificateSet.ClientPfx, both),
            (CertificateSet.Index, "what the CA has issued; revoke, crl and renew need it"),
        ];
        string directory = PeerText.Clean(request.Directory);
        string kind = CertificateText.Key(ca.Certificate);
        const int column = 18;
        FoldedLine.Write(output, $"Wrote to {directory} (keys: {kind}; key and PFX files are for their owner alone):", 2);
        foreach ((string name, string purpose) in purposes) FoldedLine.Write(output, $"  {name,-14}  {purpose}", column);
        FoldedLine.Write(output, $"Next: rawecho-certs check{Options.DirectoryText(request.Directory)}", 2);
    }

    private sealed record Request(
        string Directory, IReadOnlyList<string> Hosts, string Client, KeyAlgorithm Key, int Days, string? Password, bool Force);
}
