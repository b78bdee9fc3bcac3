namespace RawEcho.Benchmarks.Servers;

/// <summary>All servers that are compared. The first one is the measure of the others.</summary>
internal sealed class PeerCatalog
{
    private readonly List<Peer> _peers = [];
    private readonly List<SkippedPeer> _skipped = [];

    /// <summary>Whether the user has named the servers.</summary>
    public bool IsChosen { get; init; }

    public IReadOnlyList<Peer> Peers => _peers;

    public IReadOnlyList<SkippedPeer> Skipped => _skipped;

    public Peer Baseline => _peers[0];

    public void Add(Peer peer) => _peers.Add(peer);

    /// <summary>Adds a peer that was built from tests/Peers, or the reason why there is none.</summary>
    /// <param name="name">As on the command line.</param>
    /// <param name="title">As in tables.</param>
    /// <param name="built">The program, or the reason.</param>
    /// <param name="more">Arguments behind those that all peers take.</param>
    public void Add(string name, string title, (string? Program, string? Reason) built, params string[] more)
    {
        if (built.Program is { } program) _peers.Add(new Peer(name, title, job => [.. Command(program, job), .. more]));
        else Skip(name, built.Reason!);
    }

    /// <summary>Leaves a peer out.</summary>
    /// <param name="name">As on the command line.</param>
    /// <param name="reason">Why.</param>
    public void Skip(string name, string reason) => _skipped.Add(new SkippedPeer(name, reason));

    private static string[] Command(string program, ServerJob job) =>
        [program, "0", job.Certificates.Ca, job.Certificates.Server, job.Certificates.ServerKey, job.Tls];
}
