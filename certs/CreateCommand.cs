using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;

namespace RawEcho.Certs;

/// <summary>rawecho-certs create: a root, a server's and a client's certificate.</summary>
internal static class CreateCommand
{
    private const int CaDays = 3650;
    private const int MaxDays = 36500;

    private static readonly string[] LocalHosts = ["localhost", "127.0.0.1", "::1"];

    public static Command Build()
    {
        Option<string?> directory = Options.Directory("Where the files go");
        var hosts = new Option<string[]>("--host")
        {
            Description = "A DNS name or IP address of the server; may be given several times [default: localhost, 127.0.0.1 and ::1]",
            HelpName = "name",
            CustomParser = r => ParseHosts(r),
        };
        var client = new Option<string>("--client")
        {
            Description = "The name in the client's certificate",
            HelpName = "name",
            DefaultValueFactory = _ => "client.rawecho.test",
            CustomParser = r => Parsers.Parse(r, SubjectName.TryClient, out string name, "a DNS name") ? name : "",
        };
        var key = new Option<KeyAlgorithm>("--key")
        {
            Description = "The kind of all keys",
            HelpName = "p256|p384|rsa2048|rsa3072|rsa4096",
            DefaultValueFactory = _ => KeyAlgorithm.P256,
            CustomParser = r =>
                Parsers.Parse(r, KeyAlgorithms.TryParse, out KeyAlgorithm value, "p256, p384, rsa2048, rsa3072 or rsa4096")
                    ? value
                    : default,
        };
        const string daysMeaning = "How long the server's and the client's certificate are valid; the CA is for at least ten years";
        Option<int> days = Parsers.Number("--days", daysMeaning, 365, 1, MaxDays);
        var force = new Option<bool>("--force") { Description = "Replace files that exist" };
        const string meaning = "Creates a private CA, and with it a certificate for a server and one for a client. "
            + "The PFX files have a password only if one is named.";
        var command = new Command("create", meaning) { directory, hosts, client, key, days, force };
        PasswordOptions password = Options.Password(command);
        command.SetAction(parsed =>
        {
            var request = new Request(
                parsed.GetValue(directory)!,
                parsed.GetValue(hosts) is { Length: > 0 } given ? given : LocalHosts,
                parsed.GetValue(client)!,
                parsed.GetValue(key),
                parsed.GetValue(days),
                NotEmpty(password.Read(parsed)),
                parsed.GetValue(force));
            Run(request, parsed.InvocationConfiguration.Output);
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] ParseHosts(System.CommandLine.Parsing.ArgumentResult result)
    {
        var names = new List<string>();
        foreach (System.CommandLine.Parsing.Token token in result.Tokens)
        {
            if (SubjectName.TryHost(token.Value, out string name)) names.Add(name);
            else result.AddError($"--host takes a DNS name or an IP address, not '{token.Value}'");
        }

        return [.. names.Distinct()];
    }

    // Someone who names a password means to have one.
    private static string? NotEmpty(string? password) => password is { Length: 0 }
        ? throw new CommandException(ExitCode.Usage, "the password for the PFX files is empty; leave it out to have none.")
        : password;

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
        (string Name, string Purpose)[] purposes =
        [
            (CertificateSet.CaCertificate, $"the root that both sides trust, until {CertificateText.Day(ca.Certificate.NotAfter)}"),
            (CertificateSet.CaKey, "its private key: whoever has it can issue certificates; no program needs it"),
            (CertificateSet.ServerCertificate,
                $"the server's certificate, until {CertificateText.Day(server.NotAfter)}, for {string.Join(", ", request.Hosts)}"),
            (CertificateSet.ServerKey, "its private key"),
            (CertificateSet.ServerPfx, both),
            (CertificateSet.ClientCertificate,
                $"the client's certificate, until {CertificateText.Day(client.NotAfter)}, for {request.Client}"),
            (CertificateSet.ClientKey, "its private key"),
            (CertificateSet.ClientPfx, both),
            (CertificateSet.Index, "what the CA has issued; revoke, crl and renew need it"),
        ];
        string directory = PeerText.Clean(request.Directory);
        string kind = CertificateText.Key(ca.Certificate);
        output.WriteLine($"Wrote to {directory} (keys: {kind}; key and PFX files are for their owner alone):");
        foreach ((string name, string purpose) in purposes) output.WriteLine($"  {name,-14}  {purpose}");
        string option =
            directory == Options.DefaultDirectory ? "" : directory.Contains(' ') ? $" --dir \"{directory}\"" : $" --dir {directory}";
        output.WriteLine($"Next: rawecho-certs check{option}");
    }

    private sealed record Request(
        string Directory, IReadOnlyList<string> Hosts, string Client, KeyAlgorithm Key, int Days, string? Password, bool Force);
}
