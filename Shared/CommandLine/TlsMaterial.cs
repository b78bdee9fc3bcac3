using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>The TLS options after their files were read.</summary>
/// <param name="Level">How much of TLS is used.</param>
/// <param name="Protocols">The versions allowed.</param>
/// <param name="HandshakeTimeout">How long a handshake may take in all.</param>
/// <param name="Policy">Whether old certificates are let off some of the rules.</param>
public sealed record TlsMaterial(TlsLevel Level, SslProtocols Protocols, TimeSpan HandshakeTimeout, TlsPolicy Policy = TlsPolicy.Strict)
{
    /// <summary>What this side shows; null for nothing.</summary>
    public TlsIdentity? Identity { get; set; }

    /// <summary>Whom this side trusts; empty where it verifies nobody.</summary>
    public X509Certificate2Collection TrustedRoots { get; set; } = [];

    /// <summary>A peer's chain may end at any of <see cref="TrustedRoots"/>, also at an intermediate.</summary>
    public bool PartialChain { get; init; }

    /// <summary>Which verified peers may come in.</summary>
    public PeerAdmission Admission { get; set; } = PeerAdmission.Everyone;

    /// <summary>Lines for the user: which certificates are used, and what is odd about them.</summary>
    public List<Note> Notes { get; init; } = [];

    /// <summary>The files that all this was read from and that can be read again.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What stood in <see cref="Files"/> before they were read.</summary>
    internal FileState? State { get; init; }

    /// <summary>What a client of one server chooses. Connections that use the same object resume each other's sessions.</summary>
    /// <param name="serverName">The name that the server's certificate must be made for.</param>
    public TlsClientOptions ForClient(string serverName) => new()
    {
        ServerName = serverName,
        Identity = Identity,
        TrustedRoots = TrustedRoots,
        Protocols = Protocols,
        HandshakeTimeout = HandshakeTimeout,
        Policy = Policy,
        PartialChain = PartialChain,
        Admission = Admission,
        // On a thread of handshakes: nobody waits for a reader of standard error there.
        OnLegacyPeer = peer => StandardStreams.TryWriteErrorLineNow(ProblemText.Of(peer).ToString()),
    };

    /// <summary>Keeps the objects of an earlier reading where the files say the same: TLS sessions are bound to them.</summary>
    internal void KeepUnchanged(TlsMaterial earlier)
    {
        if (Identity is { } own && earlier.Identity is { } old
            && Same([own.Certificate, .. own.Intermediates], [old.Certificate, .. old.Intermediates]))
        {
            own.Dispose();
            Identity = old;
        }

        if (Same(TrustedRoots, earlier.TrustedRoots)) TrustedRoots = earlier.TrustedRoots;
    }

    private static bool Same(X509Certificate2Collection one, X509Certificate2Collection other) =>
        one.Count == other.Count && one.Zip(other).All(pair => pair.First.RawDataMemory.Span.SequenceEqual(pair.Second.RawDataMemory.Span));
}
