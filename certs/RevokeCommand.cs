using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs revoke: takes a certificate back, and makes the list that says so.</summary>
internal static class RevokeCommand
{
    public static Command Build()
    {
        const string meaning = "Revokes a certificate and makes the revocation list (crl.pem) that says so. There is no way back.";
        var command = new Command("revoke", meaning);
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory =
            options.Add(Options.Directory("The directory with the CA that issued it, and the CA's key"));
        OptionReader<string?> certificate = options.Add(Parsers.FileName("--cert", "The certificate (PEM or DER)"));
        OptionReader<string?> serial = options.Add(new Option<string?>("--serial")
        {
            Description = "Its serial number instead, as show and index.json have it; for one whose file is gone",
            HelpName = "hex",
            CustomParser = r =>
                Parsers.Parse(r, IssuedIndex.TrySerial, out string value, "a serial number in hexadecimal, at most 20 bytes") ? value : "",
        });
        string reasons = CertificateList.ReasonNames.Replace("|", ", ", StringComparison.Ordinal);
        OptionReader<string> reason = options.Add(new Option<string>("--reason")
        {
            Description = "Why",
            HelpName = CertificateList.ReasonNames,
            DefaultValueFactory = _ => "unspecified",
            CustomParser = r => Parsers.Parse(r, CertificateList.TryReason, out string value, reasons) ? value : "",
        });
        OptionReader<int> days = options.Add(CrlCommand.Days());
        options.Check(r =>
        {
            if (certificate.IsGiven(r) == serial.IsGiven(r)) r.AddError("Say which one: --cert or --serial");
        });
        return parsed =>
        {
            var request = new Request(
                directory.Read(parsed)!, certificate.Read(parsed), serial.Read(parsed), reason.Read(parsed), days.Read(parsed));
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
        using CaDirectory ca = CaDirectory.Open(request.Directory);
        IssuedIndex index = ca.Index;
        string number = request.Serial ?? "";
        if (request.Certificate is { Length: > 0 } file) number = Add(file, ca, ref index);
        IssuedCertificate found = index.Find(number) ?? throw new CommandException(
            ExitCode.Certificate,
            $"{ca[CertificateSet.Index]} knows no certificate with the serial number {number}; name its file (--cert).");

        string done = found.RevokedAt is { } at
            ? $"{found.Subject} ({number}) was revoked already, on {CertificateText.Utc(at.UtcDateTime)}."
            : $"Revoked {found.Subject} ({number}).";
        FoldedLine.Write(output, PeerText.Clean(done), 2);
        FoldedLine.Write(output, ca.WriteList(index.WithRevoked(number, DateTimeOffset.UtcNow, request.Reason), request.Days), 2);
        output.WriteLine("Servers and clients refuse it once they have this list:");
        string list = PeerText.Clean(ca[CertificateSet.RevocationList]);
        FoldedLine.Write(output, $"  start them with --crl {list}, or replace the file that they were given.", 4);
        output.WriteLine("  They read that file again by themselves.");
        string option = Options.DirectoryText(request.Directory);
        if (found.Name is not null) FoldedLine.Write(output, $"A new one, with a new key: rawecho-certs renew{option}", 2);
    }

    // A certificate from before there was an index is as good as one that stands in it, if the CA has really issued it.
    private static string Add(string file, CaDirectory ca, ref IssuedIndex index)
    {
        X509Certificate2Collection certificates = CertificateFile.Read(file, password: null);
        if (certificates.Count == 0) throw Refuse(file, "holds a private key and no certificate.");
        X509Certificate2 leaf = certificates[0];
        if (leaf.RawDataMemory.Span.SequenceEqual(ca.Ca.RawDataMemory.Span))
            throw Refuse(file, "is the CA's own certificate: a CA cannot revoke itself. Make a new set instead.");
        // Also one that has expired was issued: what counts is the signature.
        DateTime? issued = ValidityPeriod.TryRead(leaf)?.From.UtcDateTime;
        PeerVerdict verdict = PeerVerifier.Verify(leaf, [], [ca.Ca], PeerRole.Client, time: issued, policy: TlsPolicy.Legacy);
        if (verdict.Fault is CertificateFault.UntrustedIssuer or CertificateFault.BadSignature or CertificateFault.Malformed)
            throw Refuse(file, "was not issued by the CA of this directory.");
        index = index.With(leaf);
        return leaf.SerialNumber;
    }

    private static CommandException Refuse(string file, string problem) => new(ExitCode.Certificate, $"{file}: {problem}");

    private sealed record Request(string Directory, string? Certificate, string? Serial, string Reason, int Days);
}
