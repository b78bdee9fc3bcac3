using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>rawecho-certs renew: new certificates for those of a set that are about to expire.</summary>
internal static class RenewCommand
{
    private const int DefaultWithin = 30;
    private const int DefaultDays = 365;
    private const int MaxDays = 36500;

    public static Command Build()
    {
        const string meaning = "Renews the server's and the client's certificate when they are about to expire: same names, same CA. "
            + "A running server takes them up by itself.";
        var command = new Command("renew", meaning);
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("A set made by create, with the CA's key"));
        OptionReader<int> within =
            options.Add(Parsers.Number("--within", "Renew what has fewer days left than this", DefaultWithin, 0, MaxDays));
        OptionReader<bool> all = options.Add(new Option<bool>("--all") { Description = "Renew both certificates, due or not" });
        OptionReader<int> days = options.Add(Parsers.Number(
            "--days", "How long the new certificates are valid; not longer than the CA", DefaultDays, 1, MaxDays));
        OptionReader<bool> newKey = options.Add(new Option<bool>("--new-key")
        {
            Description = "Make new keys too; without it the keys are kept",
        });
        PasswordOptions password = Options.Password(options);
        return parsed =>
        {
            string path = directory.Read(parsed)!;
            PasswordSource source = password.Bind(parsed);
            (int caLimit, int valid, bool replaceKeys) = (within.Read(parsed), days.Read(parsed), newKey.Read(parsed));
            int limit = all.Read(parsed) ? int.MaxValue : caLimit;
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                string? word = source.Read();
                using CaDirectory ca = CaDirectory.Open(path);
                return new Renewal(ca, valid, replaceKeys, word).Run(limit, caLimit, output);
            };
        };
    }

    private sealed class Renewal(CaDirectory ca, int days, bool newKey, string? password)
    {
        private static readonly (string Certificate, string Key, string Pfx)[] Peers =
        [
            (CertificateSet.ServerCertificate, CertificateSet.ServerKey, CertificateSet.ServerPfx),
            (CertificateSet.ClientCertificate, CertificateSet.ClientKey, CertificateSet.ClientPfx),
        ];

        public int Run(int limit, int caLimit, TextWriter output)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow, caEnd = ValidityPeriod.Of(ca.Ca).Until;
            int caDays = CertificateText.DaysLeft(caEnd, now);
            if (caDays < 0)
            {
                throw new CommandException(
                    ExitCode.CheckFailed,
                    $"the CA itself expired on {CertificateText.Utc(caEnd)}: make a new set (rawecho-certs create --force).");
            }
            Validity wanted = Validity.ForDays(days, now);
            var files = new List<NewFile>();
            var lines = new List<string>();
            IssuedIndex index = ca.Index;
            using CertificateAuthority authority = Authority();
            foreach ((string name, string key, string pfx) in Peers)
            {
                using TlsIdentity old = TlsIdentity.FromPem(ca[name], ca[key], password);
                int left = CertificateText.DaysLeft(ValidityPeriod.Of(old.Certificate).Until, now);
                if (left >= limit)
                {
                    lines.Add($"{ca[name]} has {CertificateText.Days(left)} left: not renewed.");
                    continue;
                }

                EnsurePassword(ca[pfx]);
                Validity within = wanted with { NotAfter = wanted.NotAfter < caEnd ? wanted.NotAfter : caEnd };
                using X509Certificate2 renewed = authority.Renew(old.Certificate, within, newKey);
                index = index.With(old.Certificate, renewed);
                // The key before the certificate: who reads between the two sees a pair that does not fit, and looks again.
                if (newKey) files.Add(CertificateSet.Key(key, renewed));
                if (File.Exists(ca[pfx])) files.Add(CertificateSet.Pfx(pfx, renewed, password));
                files.Add(CertificateSet.Certificate(name, renewed));
                string end = CertificateText.Day(ValidityPeriod.Of(renewed).Until);
                lines.Add($"Renewed {ca[name]} until {end}{(newKey ? ", with a new key" : "")}.");
            }

            if (files.Count > 0) FileSetWriter.Replace(ca.Path, [index.ToFile(), .. files]);
            foreach (string line in lines) output.WriteLine(PeerText.Clean(line));
            if (caDays >= caLimit) return ExitCode.Success;
            output.WriteLine(PeerText.Clean(
                $"PROBLEM: {ca[CertificateSet.CaCertificate]} itself has {CertificateText.Days(caDays)} left. "
                + "A CA cannot be renewed in place, because every peer has to be told: make a new set, "
                + "and trust both CAs (one after the other in one --ca file) until all peers have changed."));
            return ExitCode.CheckFailed;
        }

        private CertificateAuthority Authority()
        {
            try
            {
                return new CertificateAuthority(ca.Ca);
            }
            catch (ArgumentException)
            {
                throw new CommandException(
                    ExitCode.Certificate, $"{ca[CertificateSet.CaCertificate]}: is no CA made by rawecho-certs create.");
            }
        }

        // A PFX that has a password must not come back without one.
        private void EnsurePassword(string pfx)
        {
            if (File.Exists(pfx) && new FileInfo(pfx).Length > 0) TlsIdentity.FromPfx(pfx, password).Dispose();
        }
    }
}
