using System.Globalization;
using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks.Servers;

/// <summary>The ways to one rawecho-server: directly, with a header in front, and through HAProxy.</summary>
internal static class HaproxyPeers
{
    public const string Direct = "direct";
    public const string Header = "header";
    public const string Tcp = "tcp";
    public const string Tls = "tls";

    public static IReadOnlyCollection<string> Names { get; } = [Direct, Header, Tcp, Tls];

    /// <summary>Whether the generator itself sends the header.</summary>
    public static bool SendsHeader(Peer peer) => peer.Name == Header;

    /// <summary>The configuration in deploy/haproxy of whoever stands between; null for nobody.</summary>
    public static string? Configuration(Peer peer) => peer.Name is Tcp or Tls ? $"{peer.Name}.cfg" : null;

    /// <summary>Those asked for, as far as HAProxy is there.</summary>
    /// <param name="layout">Where programs lie.</param>
    /// <param name="wanted">Names; empty for all. The direct one is always there, as it is the measure.</param>
    public static PeerCatalog Find(Layout layout, IReadOnlyCollection<string> wanted)
    {
        var catalog = new PeerCatalog { IsChosen = wanted.Count > 0 };
        string? native = layout.NativeProgram("rawecho-server");
        string program = native ?? layout.Program("rawecho-server");
        string kind = native is null ? "" : " (native)";
        bool hasHaproxy = Tool.Find("haproxy") is not null;
        catalog.Add(new Peer(Direct, $"direct{kind}", job => Command(program, job)));
        foreach ((string name, string title) in ((string, string)[])
            [(Header, "with a header"), (Tcp, "HAProxy, mode tcp"), (Tls, "HAProxy ends TLS")])
        {
            if (wanted.Count > 0 && !wanted.Contains(name)) continue;
            if (name == Header || hasHaproxy) catalog.Add(new Peer(name, title, job => [.. Command(program, job), .. FromHere]));
            else catalog.Skip(name, "haproxy is not on the PATH (Debian: apt-get install haproxy)");
        }

        return catalog;
    }

    /// <summary>A server without TLS, for addresses of this machine.</summary>
    /// <param name="layout">Where programs lie.</param>
    /// <param name="wantsHeader">Each connection has to begin with a header.</param>
    public static Peer Plain(Layout layout, bool wantsHeader)
    {
        string program = layout.NativeProgram("rawecho-server") ?? layout.Program("rawecho-server");
        string[] header = wantsHeader ? ["--proxy-protocol", "required", "--proxy-from", "127.0.0.0/8"] : [];
        return new Peer("plain", "without TLS", _ => [program, "--listen", "127.0.0.1:0", "--tls", "none", "--quiet", .. header]);
    }

    private static string[] FromHere => ["--proxy-protocol", "required", "--proxy-from", "127.0.0.1"];

    private static string[] Command(string program, ServerJob job)
    {
        string[] admin = job.AdminPort is { } port ? ["--admin", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")] : [];
        return
        [
            program, "--listen", "127.0.0.1:0", "--ca", job.Certificates.Ca, "--cert", job.Certificates.Server,
            "--key", job.Certificates.ServerKey, "--tls-min", job.Tls, "--quiet", .. admin,
        ];
    }
}
