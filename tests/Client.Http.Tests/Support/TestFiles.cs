using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing;

namespace RawEcho.Client.Http.Tests.Support;

/// <summary>A CA, a server and a client, as files and as certificates.</summary>
public sealed class TestFiles : IDisposable
{
    private readonly TestPki _pki = new();

    public TestFiles()
    {
        Ca = Folder.Write("ca.pem", _pki.CaPem);
        (Client, ClientKey) = _pki.WritePem(Folder, "client", new Leaf { Subject = "CN=test client" });
        ServerCertificate = _pki.Issue(new Leaf { Subject = "CN=test server" });
        using var other = new TestPki("CN=Other CA");
        OtherCa = Folder.Write("other-ca.pem", other.CaPem);
        (Foreign, ForeignKey) = other.WritePem(Folder, "foreign", new Leaf { Subject = "CN=foreign client" });
    }

    public TempFolder Folder { get; } = new();

    public string Ca { get; }

    public string OtherCa { get; }

    public string Client { get; }

    public string ClientKey { get; }

    public string Foreign { get; }

    public string ForeignKey { get; }

    public X509Certificate2 ServerCertificate { get; }

    /// <summary>The options of a client that the server lets in.</summary>
    public string[] Mutual => ["--ca", Ca, "--cert", Client, "--key", ClientKey];

    /// <summary>The options of a client without a certificate.</summary>
    public string[] ServerOnly => ["--tls", "server", "--ca", Ca];

    /// <summary>A certificate for a server that is made for a test.</summary>
    public X509Certificate2 Issue(Leaf leaf) => _pki.Issue(leaf);

    /// <summary>The CA has signed it.</summary>
    public bool IsOwn(X509Certificate2 certificate) => certificate.Issuer == _pki.Issuer.Subject;

    public void Dispose()
    {
        ServerCertificate.Dispose();
        _pki.Dispose();
        Folder.Dispose();
    }
}
