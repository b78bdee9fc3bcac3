using System.Globalization;

namespace RawEcho.Benchmarks.Servers;

/// <summary>All servers that are compared. The first one is the measure of the others.</summary>
internal sealed class PeerCatalog
{
    public const string C = "c";
    public const string RawEcho = "rawecho";
    public const string Before = "before";
    public const string Go = "go";
    public const string Kestrel = "kestrel";
    public const string Simple = "simple";

    private const int RawEchoDefaultConnections = 10_000;

    private readonly List<Peer> _peers = [];
    private readonly List<SkippedPeer> _skipped = [];

    public static IReadOnlyCollection<string> Names { get; } = [C, RawEcho, Go, Kestrel, Simple];

    public IReadOnlyList<Peer> Peers => _peers;

    public IReadOnlyList<SkippedPeer> Skipped => _skipped;

    public Peer Baseline => _peers[0];

    /// <summary>Builds those asked for.</summary>
    /// <param name="layout">Where sources and programs lie.</param>
    /// <param name="builder">Builds them.</param>
    /// <param name="wanted">Names; empty for all. The C server is always there, as it is the measure.</param>
    /// <param name="before">The programs of another build of RawEcho; null for none.</param>
    public static async Task<PeerCatalog> BuildAsync(
        Layout layout, PeerBuilder builder, IReadOnlyCollection<string> wanted, string? before)
    {
        var catalog = new PeerCatalog();
        bool Wanted(string name) => wanted.Count == 0 || wanted.Contains(name);
        catalog.Add(C, "C: epoll, OpenSSL", await builder.BuildCAsync("Peers/c", "echo_server"));
        if (Wanted(RawEcho)) catalog._peers.Add(new Peer(RawEcho, "RawEcho", job => RawEchoCommand(layout.Program("rawecho-server"), job)));
        if (before is not null)
            catalog._peers.Add(new Peer(Before, "RawEcho before", job => RawEchoCommand(Path.Combine(before, "rawecho-server"), job)));
        if (Wanted(Go)) catalog.Add(Go, "Go: crypto/tls", await builder.BuildGoAsync("Peers/go", "go-echo"));
        if (Wanted(Kestrel)) catalog.Add(Kestrel, "Kestrel", await builder.BuildDotnetAsync("Peers/kestrel", "kestrel-echo"));
        if (Wanted(Simple)) catalog.Add(Simple, "Simple SslStream", await builder.BuildDotnetAsync("Peers/simple", "simple-echo"));
        return catalog;
    }

    private void Add(string name, string title, (string? Program, string? Reason) built)
    {
        if (built.Program is { } program) _peers.Add(new Peer(name, title, job => PeerCommand(program, job)));
        else _skipped.Add(new SkippedPeer(name, built.Reason!));
    }

    private static string[] PeerCommand(string program, ServerJob job) =>
        [program, "0", job.Certificates.Ca, job.Certificates.Server, job.Certificates.ServerKey, job.Tls];

    private static string[] RawEchoCommand(string program, ServerJob job)
    {
        string[] command =
        [
            program, "--listen", "127.0.0.1:0", "--ca", job.Certificates.Ca, "--cert", job.Certificates.Server,
            "--key", job.Certificates.ServerKey,
            "--tls-min", job.Tls, "--quiet",
        ];
        // One more than the default allows, so that the last ones are not refused while earlier ones close.
        return job.Connections < RawEchoDefaultConnections
            ? command
            : [.. command, "--max-connections", (job.Connections + 100).ToString(CultureInfo.InvariantCulture)];
    }
}
