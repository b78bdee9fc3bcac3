using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A certificate and its key in two PEM files.</summary>
public sealed record PemFiles(string Certificate, string Key);

/// <summary>The certificates of all tests in files: good ones, and every kind that has to be refused.</summary>
public sealed class Certificates : IDisposable
{
    public const string Password = "correct horse";

    private static readonly Leaf ServerLeaf = new() { Subject = "CN=test server" };
    private static readonly Leaf ClientLeaf = new() { Subject = "CN=test client" };

    private readonly TestPki _pki = new();
    private readonly TestPki _foreign = new("CN=Foreign CA");
    private readonly X509Certificate2 _client;
    private readonly X509Certificate2 _server;

    public Certificates()
    {
        Ca = Folder.Write("ca.pem", _pki.CaPem);
        ForeignCa = Folder.Write("foreign-ca.pem", _foreign.CaPem);
        Server = Write("server", ServerLeaf);
        Client = Write("client", ClientLeaf);
        _server = Load(Server);
        _client = Load(Client);
    }

    public TempFolder Folder { get; } = new();

    public string Ca { get; }

    public string ForeignCa { get; }

    public PemFiles Server { get; }

    public PemFiles Client { get; }

    public string ServerThumbprint => _server.Thumbprint;

    public string ClientThumbprint => _client.Thumbprint;

    /// <summary>Options that give a server all it needs.</summary>
    public string[] ServerOptions => Options(Ca, Server);

    /// <summary>Options that give a client all it needs.</summary>
    public string[] ClientOptions => Options(Ca, Client);

    public static string[] Options(string ca, PemFiles own) => ["--ca", ca, "--cert", own.Certificate, "--key", own.Key];

    /// <summary>A certificate of the test CA that is in no file.</summary>
    public X509Certificate2 Issue(Leaf leaf) => _pki.Issue(leaf);

    /// <summary>A certificate of the test CA.</summary>
    public PemFiles Write(string name, Leaf leaf) => Write(_pki, name, leaf);

    /// <summary>A certificate of a CA that nobody trusts.</summary>
    public PemFiles WriteForeign(string name, Leaf leaf) => Write(_foreign, name, leaf);

    /// <summary>The same identity as a PKCS#12 file under <see cref="Password"/>.</summary>
    public string WritePfx(string name, PemFiles pem)
    {
        using X509Certificate2 certificate = Load(pem);
        return Folder.Write(name, certificate.Export(X509ContentType.Pfx, Password));
    }

    /// <summary>The same key, encrypted under <see cref="Password"/>.</summary>
    public PemFiles WriteEncrypted(string name, PemFiles pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(pem.Key));
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 10_000);
        return pem with { Key = Folder.Write(name, key.ExportEncryptedPkcs8PrivateKeyPem(Password, encryption)) };
    }

    /// <summary>What an SslStream of the test's own needs to be a good client.</summary>
    public SslClientAuthenticationOptions AsClient(SslProtocols protocols = SslProtocols.None) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = protocols,
        ClientCertificateContext = SslStreamCertificateContext.Create(_client, additionalCertificates: null, offline: true),
        CertificateChainPolicy = TrustInTestCa(),
    };

    /// <summary>What an SslStream of the test's own needs to be a server: a good one, unless it is to show another certificate.</summary>
    public SslServerAuthenticationOptions AsServer(SslProtocols protocols = SslProtocols.None, PemFiles? show = null) => new()
    {
        EnabledSslProtocols = protocols,
        ServerCertificateContext = SslStreamCertificateContext.Create(
            show is null ? _server : Load(show), additionalCertificates: null, offline: true),
        ClientCertificateRequired = true,
        CertificateChainPolicy = TrustInTestCa(),
    };

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _pki.Dispose();
        _foreign.Dispose();
        Folder.Dispose();
    }

    private X509ChainPolicy TrustInTestCa()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_pki.Roots);
        return policy;
    }

    private PemFiles Write(TestPki pki, string name, Leaf leaf)
    {
        (string certificate, string key) = pki.WritePem(Folder, name, leaf);
        return new PemFiles(certificate, key);
    }

    private static X509Certificate2 Load(PemFiles pem)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(pem.Certificate, pem.Key);
        if (!OperatingSystem.IsWindows()) return certificate;
        // SslStream on Windows cannot use a key that exists in memory alone.
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
