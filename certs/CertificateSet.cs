using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>The files of a set, and what stands in each.</summary>
internal static class CertificateSet
{
    public const string CaCertificate = "ca.pem";
    public const string CaKey = "ca-key.pem";
    public const string ServerCertificate = "server.pem";
    public const string ServerKey = "server-key.pem";
    public const string ServerPfx = "server.pfx";
    public const string ClientCertificate = "client.pem";
    public const string ClientKey = "client-key.pem";
    public const string ClientPfx = "client.pfx";
    public const string RevocationList = "crl.pem";
    public const string Index = "index.json";

    // Slows down whoever guesses a password; .NET opens PKCS#12 files with up to 300,000 rounds unasked.
    private const int PasswordRounds = 100_000;

    /// <summary>All names, the root's first: <see cref="FileSetWriter"/> puts that one in place last.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [CaCertificate, CaKey, ServerCertificate, ServerKey, ServerPfx, ClientCertificate, ClientKey, ClientPfx, Index];

    /// <summary>The contents, in the order of <see cref="Names"/>.</summary>
    /// <param name="ca">The root with its key.</param>
    /// <param name="server">The server's certificate with its key.</param>
    /// <param name="client">The client's certificate with its key.</param>
    /// <param name="password">For the PKCS#12 files; null for none.</param>
    public static IReadOnlyList<NewFile> Render(X509Certificate2 ca, X509Certificate2 server, X509Certificate2 client, string? password) =>
    [
        Certificate(CaCertificate, ca), Key(CaKey, ca),
        Certificate(ServerCertificate, server), Key(ServerKey, server), Pfx(ServerPfx, server, password),
        Certificate(ClientCertificate, client), Key(ClientKey, client), Pfx(ClientPfx, client, password),
        new IssuedIndex()
            .With(PeerFiles.Server, PeerRole.Server, Flaw.None, server)
            .With(PeerFiles.Client, PeerRole.Client, Flaw.None, client)
            .ToFile(),
    ];

    public static NewFile Certificate(string name, X509Certificate2 certificate) =>
        new(name, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), Secret: false);

    public static NewFile Key(string name, X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        return new NewFile(name, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), Secret: true);
    }

    public static NewFile Pfx(string name, X509Certificate2 certificate, string? password)
    {
        var protection = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, PasswordRounds);
        return new NewFile(name, certificate.ExportPkcs12(protection, password), Secret: true);
    }
}
