using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>
/// The files of a server that are replaced again and again: two good sets of certificate, key, CAs and revocation list, and broken ones.
/// With either good set the same peers may come in.
/// </summary>
internal sealed class RotationFiles : IDisposable
{
    private const string Ca = "ca.pem", Certificate = "server.pem", Key = "server-key.pem", Lists = "lists.pem";

    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new("CN=Rotation CA");
    private readonly TestPki _other = new("CN=Another CA");
    private readonly X509Certificate2 _revoked;
    private readonly Dictionary<string, string>[] _good;

    public RotationFiles()
    {
        _revoked = _pki.Issue(new Leaf { Subject = "CN=revoked" });
        _good = [Make("one", _pki.CaPem), Make("two", _pki.CaPem + "\n" + _other.CaPem)];
        Write(_good[0]);
        Options = ["--ca", _folder[Ca], "--cert", _folder[Certificate], "--key", _folder[Key], "--crl", _folder[Lists]];
        (string certificate, string key) = _pki.WritePem(_folder, "client", new Leaf { Subject = "CN=rotation client" });
        Client = ["--ca", _folder.Write("client-ca.pem", _pki.CaPem), "--cert", certificate, "--key", key];
    }

    /// <summary>Options that give the server all files.</summary>
    public string[] Options { get; }

    /// <summary>Options that give a client all it needs.</summary>
    public string[] Client { get; }

    /// <summary>A certificate that every set accepts.</summary>
    public X509Certificate2 Good() => _pki.Issue(new Leaf { Subject = "CN=good" });

    /// <summary>Certificates that no set accepts.</summary>
    public IReadOnlyList<X509Certificate2> Bad() =>
    [
        _revoked,
        _pki.Issue(new Leaf { Subject = "CN=old", NotBefore = TimeSpan.FromDays(-2), NotAfter = TimeSpan.FromDays(-1) }),
        TestPki.SelfSigned(new Leaf { Subject = "CN=stranger" }),
    ];

    /// <summary>Replaces all files by the other good set.</summary>
    public void Swap(int turn) => Write(_good[turn % _good.Length]);

    /// <summary>Replaces all files by the other good set, of which one is of no use.</summary>
    public void Break(int turn)
    {
        var set = new Dictionary<string, string>(_good[turn % _good.Length]);
        string file = new[] { Ca, Certificate, Key, Lists }[turn % set.Count];
        set[file] = (turn / set.Count % 3) switch
        {
            0 => set[file][..(set[file].Length / 2)],
            1 => "",
            _ => set[file].Replace("-----BEGIN", "-----START", StringComparison.Ordinal),
        };
        Write(set);
    }

    public void Dispose()
    {
        _revoked.Dispose();
        _pki.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    // Each file is replaced as a whole, as one that is careful would; all of them together are not.
    private void Write(Dictionary<string, string> set)
    {
        foreach ((string name, string text) in set) File.Move(_folder.Write(name + ".new", text), _folder[name], overwrite: true);
    }

    private Dictionary<string, string> Make(string name, string authorities)
    {
        using X509Certificate2 server = _pki.Issue(new Leaf { Subject = $"CN=rotation server {name}" });
        using ECDsa key = server.GetECDsaPrivateKey()!;
        using var issuer = new Party(_pki.Issuer.Subject, _pki.Issuer.GetECDsaPrivateKey());
        return new Dictionary<string, string>
        {
            [Ca] = authorities,
            [Certificate] = server.ExportCertificatePem(),
            [Key] = key.ExportPkcs8PrivateKeyPem(),
            [Lists] = new RevocationListForge { Revoked = [_revoked] }.SignToPem(issuer),
        };
    }
}
