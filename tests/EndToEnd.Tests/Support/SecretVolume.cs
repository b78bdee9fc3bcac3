using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A folder as the kubelet makes it of a Secret: the files are links into ..data, which is a link to a folder with a date for its name. A
/// new Secret is a new folder, and ..data is swapped by a rename: nobody finds a folder that is half old and half new.
/// </summary>
internal sealed class SecretVolume(string path)
{
    private const string Data = "..data";

    private string? _current;
    private int _writes;

    public string this[string key] => Path.Combine(path, key);

    /// <summary>Writes what cert-manager does: a certificate, its key in the form of SEC 1, and the CA, all in PEM.</summary>
    public Task WriteAsync(X509Certificate2 own, string ca)
    {
        using ECDsa key = own.GetECDsaPrivateKey()!;
        return WriteAsync(own.ExportCertificatePem(), key.ExportECPrivateKeyPem(), ca);
    }

    /// <summary>The same, of files.</summary>
    public Task WriteAsync(PemFiles own, string ca) =>
        WriteAsync(File.ReadAllText(own.Certificate), File.ReadAllText(own.Key), ca);

    private Task WriteAsync(string certificate, string key, string ca) => WriteAsync(
        new Dictionary<string, string> { ["tls.crt"] = certificate, ["tls.key"] = key, ["ca.crt"] = File.ReadAllText(ca) });

    private async Task WriteAsync(Dictionary<string, string> files)
    {
        string previous = _current ?? "", next = _current = $"..2026_11_28_12_00_00.{++_writes}";
        Directory.CreateDirectory(this[next]);
        foreach ((string name, string text) in files) await File.WriteAllTextAsync(Path.Combine(this[next], name), text);
        File.CreateSymbolicLink(this[Data + "_tmp"], next);
        // rename(2); File.Move follows the link.
        await using (var swap = new ProgramProcess("mv", ["-T", this[Data + "_tmp"], this[Data]])) (await swap.ExitAsync()).EndedWith(0);
        foreach (string name in files.Keys.Where(n => !File.Exists(this[n]))) File.CreateSymbolicLink(this[name], $"{Data}/{name}");
        if (previous.Length > 0) Directory.Delete(this[previous], recursive: true);
    }
}
