namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A network with names that have several addresses: one that is silent (its link ends nowhere), one where nobody listens, and the one of
/// the server. /etc is a copy with other host names.
/// </summary>
internal static class ManifoldNetwork
{
    public const string Silent = "192.0.2.1:7443";

    public const string SecondSilent = "192.0.2.2:7443";

    /// <summary>An address of this machine where nobody listens, unless the test starts a server there.</summary>
    public const string Refusing = "192.0.2.253:7443";

    public const string Answering = "192.0.2.254:7443";

    /// <summary>Stands for <see cref="Silent"/>, <see cref="Refusing"/> and <see cref="Answering"/>, in this order.</summary>
    public const string Threefold = "threefold.test:7443";

    /// <summary>Stands for <see cref="Refusing"/> and <see cref="Answering"/>, in this order.</summary>
    public const string Twofold = "twofold.test:7443";

    /// <summary>Stands for two addresses that are silent.</summary>
    public const string Dead = "dead.test:7443";

    /// <summary>Starts a server at <see cref="Answering"/>; skips the test where that is not permitted.</summary>
    /// <param name="certificates">Whose server.</param>
    /// <param name="folder">Takes the copy of /etc.</param>
    public static Task<OwnNetwork> StartAsync(Certificates certificates, string folder) =>
        OwnNetwork.StartAsync(certificates, Settings(folder), Answering);

    // A neighbour whose hardware address nobody has: what is sent to it is lost, and no error ever comes back. The resolver would put the
    // addresses into an order of its own (RFC 6724); gai.conf(5) sets it.
    private static string Settings(string folder) =>
        $$"""
        set -e
        ip link add near type veth peer name far
        ip link set far up
        ip link set near up
        ip addr add 192.0.2.254/24 dev near
        ip addr add 192.0.2.253/24 dev near
        ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev near nud permanent
        ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev near nud permanent
        rm -rf '{{folder}}/etc'
        cp -r /etc '{{folder}}/etc' 2>/dev/null || true
        cat >'{{folder}}/etc/hosts' <<END
        127.0.0.1 localhost
        192.0.2.1 threefold.test dead.test
        192.0.2.253 threefold.test twofold.test
        192.0.2.254 threefold.test twofold.test
        192.0.2.2 dead.test
        END
        cat >'{{folder}}/etc/gai.conf' <<END
        precedence ::ffff:192.0.2.1/128 90
        precedence ::ffff:192.0.2.253/128 80
        precedence ::ffff:192.0.2.254/128 70
        precedence ::/0 10
        END
        echo 'multi on' >'{{folder}}/etc/host.conf'
        echo 'hosts: files' >'{{folder}}/etc/nsswitch.conf'
        mount --bind '{{folder}}/etc' /etc
        """;
}
