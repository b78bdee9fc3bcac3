using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>The certificates of a soak in files, and peers that show good ones and those that have to be refused.</summary>
internal sealed class SoakCertificates : IDisposable
{
    // Random bytes in a certificate that nobody vouches for, and in one of the right CA that is larger than --max-chain-bytes allows.
    private const int StrangeBytes = 59_000;
    private const int TooManyBytes = 70_000;

    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new("CN=Soak CA");
    private readonly TestPki _foreign = new("CN=Foreign CA");

    public SoakCertificates()
    {
        string ca = _folder.Write("ca.pem", _pki.CaPem);
        Server = Options("server");
        Client = Options("client");

        string[] Options(string name)
        {
            (string certificate, string key) = _pki.WritePem(_folder, name, new Leaf { Subject = $"CN=soak {name}" });
            return ["--ca", ca, "--cert", certificate, "--key", key];
        }
    }

    /// <summary>Options that give a server all it needs.</summary>
    public string[] Server { get; }

    /// <summary>Options that give a client all it needs.</summary>
    public string[] Client { get; }

    /// <summary>A certificate that the server accepts, with so many bytes of padding in it.</summary>
    public X509Certificate2 Issue(int padding) => _pki.Issue(new Leaf { Subject = "CN=good", Padding = padding });

    /// <summary>
    /// New peers with new certificates that must be accepted: small and large ones, in TLS 1.2 and 1.3, with and without tickets.
    /// </summary>
    public List<TlsPeer> MakeGood() => Make((version, tickets) =>
    [
        new TlsPeer("good", Issue(0), version, tickets),
        new TlsPeer("good and large", Issue(StrangerLoad.LargeBytes), version, tickets),
    ]);

    /// <summary>The same of peers that must be refused, each for another reason.</summary>
    public List<TlsPeer> MakeBad() => Make((version, tickets) =>
    [
        new TlsPeer("without a certificate", null, version, tickets),
        new TlsPeer("of another CA", _foreign.Issue(new Leaf { Subject = "CN=foreign" }), version, tickets),
        new TlsPeer(
            "expired", _pki.Issue(new Leaf { Subject = "CN=old", NotBefore = TimeSpan.FromDays(-2), NotAfter = TimeSpan.FromDays(-1) }),
            version, tickets),
        TlsPeer.SelfSigned(0, version, tickets),
        TlsPeer.SelfSigned(StrangeBytes, version, tickets),
        new TlsPeer("good but too large", Issue(TooManyBytes), version, tickets),
    ]);

    public void Dispose()
    {
        _pki.Dispose();
        _foreign.Dispose();
        _folder.Dispose();
    }

    private static List<TlsPeer> Make(Func<SslProtocols, bool, TlsPeer[]> make) =>
    [
        .. from version in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13]
           from tickets in (bool[])[false, true]
           from peer in make(version, tickets)
           select peer,
    ];
}
