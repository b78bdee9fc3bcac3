using System.Globalization;

namespace RawEcho.Benchmarks.Servers;

/// <summary>The echo servers that are compared, the one in C first.</summary>
internal static class EchoPeers
{
    public const string C = "c";
    public const string RawEcho = "rawecho";
    public const string Native = "native";
    public const string Before = "before";
    public const string Bare = "bare";
    public const string Go = "go";
    public const string Kestrel = "kestrel";
    public const string Simple = "simple";

    private const int RawEchoDefaultConnections = 10_000;

    public static IReadOnlyCollection<string> Names { get; } = [C, RawEcho, Native, Bare, Go, Kestrel, Simple];

    /// <summary>Builds those asked for.</summary>
    /// <param name="layout">Where sources and programs lie.</param>
    /// <param name="builder">Builds them.</param>
    /// <param name="wanted">Names; empty for all. The C server is always there, as it is the measure.</param>
    /// <param name="before">The programs of another build of RawEcho; null for none.</param>
    public static async Task<PeerCatalog> BuildAsync(
        Layout layout, PeerBuilder builder, IReadOnlyCollection<string> wanted, string? before)
    {
        var catalog = new PeerCatalog { IsChosen = wanted.Count > 0 };
        bool Wanted(string name) => wanted.Count == 0 || wanted.Contains(name);
        catalog.Add(C, "C: epoll, OpenSSL", await builder.BuildCAsync("echo_server", ["Peers/c"]));
        if (Wanted(RawEcho)) catalog.Add(new Peer(RawEcho, "RawEcho", job => RawEchoCommand(layout.Program("rawecho-server"), job)));
        if (Wanted(Native))
        {
            if (layout.NativeProgram("rawecho-server") is { } native)
                catalog.Add(new Peer(Native, "RawEcho (native)", job => RawEchoCommand(native, job)));
            else catalog.Skip(Native, "./build.sh native makes it");
        }

        if (before is not null)
            catalog.Add(new Peer(Before, "RawEcho before", job => RawEchoCommand(Path.Combine(before, "rawecho-server"), job)));
        if (Wanted(Bare)) catalog.Add(Bare, "Bare SslStream", await builder.BuildDotnetAsync("Peers/bare", "bare-echo"));
        if (Wanted(Go)) catalog.Add(Go, "Go: crypto/tls", await builder.BuildGoAsync("Peers/go", "go-echo"));
        if (Wanted(Kestrel)) catalog.Add(Kestrel, "Kestrel", await builder.BuildDotnetAsync("Peers/kestrel", "kestrel-echo"));
        if (Wanted(Simple)) catalog.Add(Simple, "Simple SslStream", await builder.BuildDotnetAsync("Peers/simple", "simple-echo"));
        return catalog;
    }

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
