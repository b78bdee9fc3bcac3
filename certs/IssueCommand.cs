using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs issue: one more certificate of the CA of a directory.</summary>
internal static class IssueCommand
{
    private const int DefaultDays = 365;
    private const int MaxDays = 36500;

    public static Command Build()
    {
        var command = new Command("issue", "Issues one more certificate of the CA in a directory, for a client unless --server is given.");
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("The directory with the CA and its key"));
        OptionReader<string> name = options.Add(new Option<string>("--name")
        {
            Description = "What the files are called: NAME.pem, NAME-key.pem and NAME.pfx; also the name in the certificate",
            HelpName = "name",
            Required = true,
            CustomParser = r => Parsers.Parse(
                r, PeerFiles.TryParse, out string value, "letters, digits, '.', '-' and '_', and neither ca, crl, index nor NAME-key")
                ? value
                : "",
        });
        OptionReader<bool> server = options.Add(new Option<bool>("--server") { Description = "For a server" });
        OptionReader<bool> client = options.Add(new Option<bool>("--client") { Description = "For a client: the default" });
        OptionReader<string[]> hosts = options.Add(Options.Hosts(
            "A DNS name or IP address in the certificate; may be given several times [default: the name of --name]"));
        OptionReader<KeyAlgorithm?> key = options.Add(Options.Key("The kind of its key [default: the kind of the CA's]"));
        OptionReader<int?> days = options.Add(Options.Number(
            "--days", $"How long it is valid; not longer than the CA [default: {DefaultDays}]", MaxDays));
        OptionReader<int?> hours = options.Add(Options.Number("--hours", "The same in hours, instead of --days", MaxDays * 24));
        OptionReader<int?> minutes = options.Add(Options.Number("--minutes", "The same in minutes, instead of --days", MaxDays * 24 * 60));
        OptionReader<Flaw> flaw = options.Add(new Option<Flaw>("--broken")
        {
            Description = "Make one that is to be refused, for a laboratory",
            HelpName = Flaws.Words,
            CustomParser = r => Parsers.Parse(r, Flaws.TryParse, out Flaw value, $"one of {Flaws.Words}") ? value : default,
        });
        OptionReader<bool> force = options.Add(new Option<bool>("--force") { Description = "Replace files of that name" });
        PasswordOptions password = Options.Password(options);
        options.Check(r =>
        {
            if (server.IsGiven(r) && client.IsGiven(r)) r.AddError("Say which one: --server or --client");
            if (new[] { days.IsGiven(r), hours.IsGiven(r), minutes.IsGiven(r) }.Count(given => given) > 1)
                r.AddError("Give the validity once: --days, --hours or --minutes");
        });
        return parsed =>
        {
            (int? inDays, int? inHours, int? inMinutes) = (days.Read(parsed), hours.Read(parsed), minutes.Read(parsed));
            TimeSpan length = inHours is { } h ? TimeSpan.FromHours(h)
                : inMinutes is { } m ? TimeSpan.FromMinutes(m)
                : TimeSpan.FromDays(inDays ?? DefaultDays);
            var request = new Request(
                directory.Read(parsed)!,
                new PeerFiles(name.Read(parsed)),
                server.Read(parsed) ? PeerRole.Server : PeerRole.Client,
                hosts.Read(parsed),
                key.Read(parsed),
                length,
                flaw.Read(parsed),
                Options.NotEmpty(password.Bind(parsed).Read()),
                force.Read(parsed));
            _ = client.Read(parsed);
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
        IReadOnlyList<string> names = request.Hosts.Length > 0 ? request.Hosts : [NameOf(request.Files)];
        using CaDirectory ca = CaDirectory.Open(request.Directory);
        FileSetWriter.EnsureFree(ca.Path, request.Files.All, request.Force, "--force replaces these files");
        DateTimeOffset now = DateTimeOffset.UtcNow, caEnd = ValidityPeriod.Of(ca.Ca).Until;
        if (caEnd <= now)
        {
            throw new CommandException(
                ExitCode.CheckFailed,
                $"the CA itself expired on {CertificateText.Utc(caEnd)}: make a new set (rawecho-certs create --force).");
        }

        DateTimeOffset end = now + request.Length < caEnd ? now + request.Length : caEnd;
        using CertificateAuthority authority = ca.CreateAuthority();
        KeyAlgorithm algorithm = request.Key ?? KeyAlgorithms.Of(ca.Ca.PublicKey);
        using X509Certificate2 certificate =
            Flaws.Issue(authority, request.Role, names, new Validity(now - Validity.Backdating, end), algorithm, request.Flaw);
        NewFile[] files =
        [
            CertificateSet.Key(request.Files.Key, certificate),
            CertificateSet.Pfx(request.Files.Pfx, certificate, request.Password),
            CertificateSet.Certificate(request.Files.Certificate, certificate),
        ];
        IssuedIndex index = Flaws.IsOfCa(request.Flaw)
            ? ca.Index.With(request.Files, request.Role, request.Flaw, certificate)
            : ca.Index.WithoutName(request.Files);
        // The index first: who is not in it cannot be revoked by number.
        FileSetWriter.Replace(ca.Path, [index.ToFile(), .. files]);
        Report(request, certificate, output);
    }

    private static void Report(Request request, X509Certificate2 certificate, TextWriter output)
    {
        PeerFiles files = request.Files;
        string side = request.Role == PeerRole.Server ? "server" : "client";
        string until = CertificateText.Utc(ValidityPeriod.Of(certificate).Until);
        string both = request.Password is null ? "both in one file, without a password" : "both in one file, with the password";
        string names = string.Join(", ", PeerVerifier.SubjectNames(certificate));
        int width = files.Key.Length;
        FoldedLine.Write(output, $"Wrote to {PeerText.Clean(request.Directory)} (key: {CertificateText.Key(certificate)}):", 2);
        string meaning = $"a {side}'s certificate, until {until}, for {names}";
        FoldedLine.Write(output, $"  {files.Certificate.PadRight(width)}  {meaning}", width + 4);
        FoldedLine.Write(output, $"  {files.Key}  its private key", width + 4);
        FoldedLine.Write(output, $"  {files.Pfx.PadRight(width)}  {both}", width + 4);
        if (Flaws.WordOf(request.Flaw) is { } flaw)
            FoldedLine.Write(output, $"It is broken on purpose ({flaw}): peers are to refuse it.", 2);
        else FoldedLine.Write(output, $"Next: give {files.Pfx} and ca.pem to the {side} (--cert {files.Pfx} --ca ca.pem).", 2);
    }

    private static string NameOf(PeerFiles files) => SubjectName.TryHost(files.Name, out string name)
        ? name
        : throw new CommandException(
            ExitCode.Usage,
            $"'{files.Name}' can be no name in a certificate, which takes DNS names and IP addresses: give one with --host.");

    private sealed record Request(
        string Directory, PeerFiles Files, PeerRole Role, string[] Hosts, KeyAlgorithm? Key, TimeSpan Length, Flaw Flaw, string? Password,
        bool Force);
}
