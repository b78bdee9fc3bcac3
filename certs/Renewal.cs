using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>What renew is to do.</summary>
/// <param name="Limit">What has fewer days left is renewed.</param>
/// <param name="CaLimit">A CA that has fewer days left is a problem.</param>
/// <param name="Days">The validity of the new certificates; null for a year, or what a certificate for less than a month had.</param>
/// <param name="NewKeys">Whether all get new keys.</param>
/// <param name="Password">For PKCS#12 files and encrypted keys; null for none.</param>
/// <param name="Name">The only certificate to renew; null for all.</param>
internal sealed record RenewalRequest(int Limit, int CaLimit, int? Days, bool NewKeys, string? Password, string? Name);

/// <summary>Renews certificates of a directory: those that are due, and those that were revoked or whose key was.</summary>
internal sealed class Renewal(CaDirectory ca, RenewalRequest request)
{
    private const int UsualDays = 365;

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly DateTimeOffset _caEnd = ValidityPeriod.Of(ca.Ca).Until;
    private readonly List<NewFile> _files = [];
    private readonly List<string> _lines = [];
    private IssuedIndex _index = ca.Index;
    private int _problems;

    /// <returns>The exit code.</returns>
    public int Run(TextWriter output)
    {
        int caDays = CertificateText.DaysLeft(_caEnd, _now);
        if (caDays < 0)
        {
            throw new CommandException(
                ExitCode.CheckFailed,
                $"the CA itself expired on {CertificateText.Utc(_caEnd)}: make a new set (rawecho-certs create --force).");
        }

        using CertificateAuthority authority = ca.CreateAuthority();
        foreach ((PeerFiles files, PeerRole role) in Chosen()) RenewIfDue(authority, files, role);
        if (_files.Count > 0) FileSetWriter.Replace(ca.Path, [_index.ToFile(), .. _files]);
        foreach (string line in _lines) FoldedLine.Write(output, PeerText.Clean(line), 2);
        if (caDays < request.CaLimit)
        {
            _problems++;
            string problem = $"PROBLEM: {ca[CertificateSet.CaCertificate]} itself has {CertificateText.Days(caDays)} left. "
                + "A CA cannot be renewed in place, because every peer has to be told: make a new set, "
                + "and trust both CAs (one after the other in one --ca file) until all peers have changed.";
            FoldedLine.Write(output, PeerText.Clean(problem), "PROBLEM: ".Length);
        }

        return _problems == 0 ? ExitCode.Success : ExitCode.CheckFailed;
    }

    private (PeerFiles Files, PeerRole Role)[] Chosen()
    {
        (PeerFiles Files, PeerRole Role)[] all =
            [(PeerFiles.Server, PeerRole.Server), (PeerFiles.Client, PeerRole.Client), .. _index.Others()];
        if (request.Name is not { } name) return all;
        (PeerFiles Files, PeerRole Role)[] named = [.. all.Where(p => p.Files.Name == name)];
        return named.Length > 0
            ? named
            : throw new CommandException(
                ExitCode.Certificate, $"{ca[CertificateSet.Index]} knows no certificate of the name {name} that could be renewed.");
    }

    private void RenewIfDue(CertificateAuthority authority, PeerFiles files, PeerRole role)
    {
        bool isOfSet = files == PeerFiles.Server || files == PeerFiles.Client;
        // What was issued for somebody else may be with that one.
        if (!isOfSet && !File.Exists(ca[files.Certificate]))
        {
            _lines.Add($"{ca[files.Certificate]} is not here: not renewed.");
            return;
        }

        bool hasKey = isOfSet || File.Exists(ca[files.Key]);
        using X509Certificate2 old = hasKey ? ReadPair(files) : ReadAlone(files);
        ValidityPeriod validity = ValidityPeriod.Of(old);
        IssuedCertificate? doubt = _index.DoubtOf(old);
        bool isRevoked = _index.Find(old.SerialNumber)?.RevokedAt is not null;
        if (doubt is null && !isRevoked && !IsDue(validity, isOfSet))
        {
            string left = !isOfSet && validity.IsShort
                ? $"is valid until {CertificateText.Utc(validity.Until)}"
                : $"has {CertificateText.Days(CertificateText.DaysLeft(validity.Until, _now))} left";
            _lines.Add($"{ca[files.Certificate]} {left}: not renewed.");
            return;
        }

        bool isNewKey = request.NewKeys || isRevoked || doubt is not null;
        if (!isNewKey && !hasKey)
        {
            _problems++;
            _lines.Add($"PROBLEM: {ca[files.Key]} is not here, so {files.Name} keeps its certificate. Make a new key, too: --new-key.");
            return;
        }

        EnsurePassword(ca[files.Pfx]);
        using X509Certificate2 renewed = authority.Renew(old, NextOf(validity, isOfSet), isNewKey);
        _index = _index.With(files, role, Flaw.None, old).With(files, role, Flaw.None, renewed);
        // The key before the certificate: who reads between the two sees a pair that does not fit, and looks again.
        if (isNewKey) _files.Add(CertificateSet.Key(files.Key, renewed));
        if (File.Exists(ca[files.Pfx])) _files.Add(CertificateSet.Pfx(files.Pfx, renewed, request.Password));
        _files.Add(CertificateSet.Certificate(files.Certificate, renewed));
        string why = isRevoked ? ": the old one was revoked"
            : doubt is not null ? $": the old key was that of {doubt.Serial}, which was revoked"
            : "";
        DateTimeOffset until = ValidityPeriod.Of(renewed).Until;
        string end = !isOfSet && validity.IsShort ? CertificateText.Utc(until) : CertificateText.Day(until);
        _lines.Add($"Renewed {ca[files.Certificate]} until {end}{(isNewKey ? ", with a new key" : "")}{why}.");
    }

    private X509Certificate2 ReadPair(PeerFiles files)
    {
        using TlsIdentity identity = TlsIdentity.FromPem(ca[files.Certificate], ca[files.Key], request.Password);
        // The identity's own is disposed with it.
        return new X509Certificate2(identity.Certificate);
    }

    private X509Certificate2 ReadAlone(PeerFiles files)
    {
        X509Certificate2Collection certificates = CertificateFile.Read(ca[files.Certificate], password: null);
        return certificates.Count > 0
            ? certificates[0]
            : throw new CommandException(ExitCode.Certificate, $"{ca[files.Certificate]}: holds a private key and no certificate.");
    }

    // A certificate that was issued for a day is not due all of its day.
    private bool IsDue(ValidityPeriod validity, bool isOfSet) => !isOfSet && validity.IsShort && request.Limit != int.MaxValue
        ? validity.IsInLastThird(_now)
        : CertificateText.DaysLeft(validity.Until, _now) < request.Limit;

    private Validity NextOf(ValidityPeriod old, bool isOfSet)
    {
        TimeSpan length = request.Days is { } days ? TimeSpan.FromDays(days)
            : !isOfSet && old.IsShort ? old.Length
            : TimeSpan.FromDays(UsualDays);
        return new Validity(_now - Validity.Backdating, _now + length < _caEnd ? _now + length : _caEnd);
    }

    // A PFX that has a password must not come back without one.
    private void EnsurePassword(string pfx)
    {
        if (File.Exists(pfx) && new FileInfo(pfx).Length > 0) TlsIdentity.FromPfx(pfx, request.Password).Dispose();
    }
}
