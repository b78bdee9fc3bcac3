using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs.UnitTests;

/// <summary>A directory of its own for a test, and sets of certificates to put there without starting the program.</summary>
internal sealed class SetDirectory : IDisposable
{
    public static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    public static readonly Validity Year = Validity.ForDays(365, Now);

    public string Path { get; } = Directory.CreateTempSubdirectory("rawecho-certs-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>The bytes of every file there, hidden ones included.</summary>
    public Dictionary<string, byte[]> Contents() => Directory.EnumerateFiles(Path).ToDictionary(f => f, File.ReadAllBytes);

    /// <summary>A set like that of create.</summary>
    public static SetDirectory WithSet(Validity? server = null, KeyAlgorithm algorithm = KeyAlgorithm.P256)
    {
        using var ca = new CertificateAuthority(algorithm, Validity.ForDays(3650, Now));
        using X509Certificate2 serverCertificate = ca.Issue(PeerRole.Server, ["localhost", "127.0.0.1"], server ?? Year);
        using X509Certificate2 client = ca.Issue(PeerRole.Client, ["client.rawecho.test"], Year);
        var directory = new SetDirectory();
        FileSetWriter.Write(
            directory.Path, CertificateSet.Render(ca.Certificate, serverCertificate, client, password: null), replace: false);
        return directory;
    }
}
