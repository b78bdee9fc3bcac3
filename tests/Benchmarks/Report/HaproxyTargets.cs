using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What a header of the PROXY protocol may cost.</summary>
internal static class HaproxyTargets
{
    public static IReadOnlyList<Target> All { get; } =
    [
        new("a header, % of a handshake's CPU", HaproxyCatalog.HeaderOfConnection, [HaproxyPeers.Header], Figure.HandshakePercent, 1),
        // Nothing is added to an echo: what is left is the spread of two measurements of the same.
        new("an echo behind a header, % more CPU", HaproxyCatalog.HeaderOfEcho, [HaproxyPeers.Header], Figure.HeaderPercent, 2),
    ];
}
