using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>A directory with a CA in it, for as long as a command works there: nobody else writes to it meanwhile.</summary>
internal sealed class CaDirectory : IDisposable
{
    private readonly DirectoryLock _alone;
    private readonly TlsIdentity _ca;

    private CaDirectory(string path, DirectoryLock alone, TlsIdentity ca, IssuedIndex index) =>
        (Path, _alone, _ca, Index) = (path, alone, ca, index);

    public string Path { get; }

    /// <summary>The CA with its private key.</summary>
    public X509Certificate2 Ca => _ca.Certificate;

    /// <summary>What the CA has issued, as it was when the directory was opened.</summary>
    public IssuedIndex Index { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <exception cref="CertificateFileException">The CA's certificate, key or index is missing or of no use.</exception>
    /// <exception cref="CommandException">The directory is not there, its index is damaged, or another run works in it.</exception>
    public static CaDirectory Open(string path)
    {
        if (!Directory.Exists(path)) throw new CommandException(ExitCode.Certificate, $"{path}: no such directory.");
        DirectoryLock alone = DirectoryLock.Take(path);
        TlsIdentity? ca = null;
        try
        {
            ca = TlsIdentity.FromPem(
                System.IO.Path.Combine(path, CertificateSet.CaCertificate),
                System.IO.Path.Combine(path, CertificateSet.CaKey));
            return new CaDirectory(path, alone, ca, IssuedIndex.Read(path));
        }
        catch
        {
            ca?.Dispose();
            alone.Dispose();
            throw;
        }
    }

    /// <summary>The CA as what issues certificates.</summary>
    /// <exception cref="CommandException">It is no CA made by create.</exception>
    public CertificateAuthority CreateAuthority()
    {
        try
        {
            return new CertificateAuthority(Ca);
        }
        catch (ArgumentException)
        {
            throw new CommandException(
                ExitCode.Certificate, $"{this[CertificateSet.CaCertificate]}: is no CA made by rawecho-certs create.");
        }
    }

    /// <summary>Signs a new revocation list and writes it with the index.</summary>
    /// <returns>A sentence for the user.</returns>
    public string WriteList(IssuedIndex index, int days)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        (NewFile list, IssuedIndex next) = CertificateList.Sign(Ca, index, now, days);
        // The index first: a list whose number or entry was forgotten is worse than a number that was left out.
        FileSetWriter.Replace(Path, [next.ToFile(), list]);
        int revoked = next.Certificates.Count(c => c.RevokedAt is not null);
        return $"Wrote {PeerText.Clean(this[CertificateSet.RevocationList])}: number {next.LastListNumber}, {revoked} revoked, "
            + $"the next one is due by {CertificateText.Utc(now.AddDays(days).UtcDateTime)}.";
    }

    public void Dispose()
    {
        _ca.Dispose();
        _alone.Dispose();
    }
}
