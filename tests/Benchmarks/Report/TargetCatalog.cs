using System.Globalization;
using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What a target came to in a run.</summary>
internal sealed record Verdict(string What, string Limit, string Reached, bool IsMet)
{
    public string Word => IsMet ? "met" : "not met";
}

/// <summary>What RawEcho means to reach.</summary>
internal static class TargetCatalog
{
    private const string Own = PeerCatalog.RawEcho;

    private static readonly Target[] All =
    [
        new("CPU per round trip, 64 connections, 1-100 B", WorkCatalog.Small, Figure.Cpu, 1.15, PeerCatalog.C),
        new("round trips per second, same", WorkCatalog.Small, Figure.Rate, 1.4, PeerCatalog.Go, AtLeast: true),
        new("round trips per second, same", WorkCatalog.Small, Figure.Rate, 1.6, PeerCatalog.Kestrel, AtLeast: true),
        new("round trips per second, same", WorkCatalog.Small, Figure.Rate, 2, PeerCatalog.Simple, AtLeast: true),
        new("p99 latency, same", WorkCatalog.Small, Figure.P99, 1.5, PeerCatalog.C),
        new("CPU per 16 KB echo", WorkCatalog.Size16K, Figure.Cpu, 1.1, PeerCatalog.C),
        new("CPU per 256 KB echo", WorkCatalog.Size256K, Figure.Cpu, 1.1, PeerCatalog.C),
        new("CPU per round trip at 10,000 connections", WorkCatalog.Connections10000, Figure.Cpu, 1.3, Own, AgainstWork: WorkCatalog.Small),
        new("full mutual handshake, server CPU", WorkCatalog.Handshake, Figure.Cpu, 1.15, PeerCatalog.C),
        new("resumed handshake, server CPU", WorkCatalog.Resumed, Figure.Cpu, 1.5, PeerCatalog.C),
        new("idle memory per connection, KB", WorkCatalog.Idle, Figure.IdleMemory, 25),
        new("private memory with 64 busy clients, MB", WorkCatalog.Small, Figure.PrivateMemory, 12),
        new("threads of the server, same", WorkCatalog.Small, Figure.Threads, 10),
        new("the client's own CPU per round trip", WorkCatalog.Client, Figure.Cpu, 1.3, ClientWork.GeneratorRow, Row: ClientWork.ClientRow),
    ];

    /// <summary>Those that this run has figures for.</summary>
    public static IReadOnlyList<Verdict> Evaluate(BenchRun run) => [.. All.Select(t => Evaluate(t, run)).OfType<Verdict>()];

    private static Verdict? Evaluate(Target target, BenchRun run)
    {
        double? value = run.Median(target.Work, target.Row ?? Own, target.Figure);
        if (target.Against is not null) value /= run.Median(target.AgainstWork ?? target.Work, target.Against, target.Figure);
        if (value is not { } reached) return null;
        string against = target.Against is null ? "" : $" x {target.AgainstWork ?? target.Against}";
        string sign = target.AtLeast ? ">=" : "<=";
        return new Verdict(
            target.What,
            string.Create(CultureInfo.InvariantCulture, $"{sign} {target.Limit}{against}"),
            reached.ToString("0.00", CultureInfo.InvariantCulture),
            target.AtLeast ? reached >= target.Limit : reached <= target.Limit);
    }

    /// <summary>A bound on a figure of RawEcho, or on its ratio to that of another.</summary>
    /// <param name="What">In words.</param>
    /// <param name="Work">The work item.</param>
    /// <param name="Figure">The figure.</param>
    /// <param name="Limit">The bound.</param>
    /// <param name="Against">The row whose figure divides; null for an absolute bound.</param>
    /// <param name="AgainstWork">The work item of that row, when it is another one.</param>
    /// <param name="Row">The row that is evaluated, when it is not RawEcho's server.</param>
    /// <param name="AtLeast">Whether more is better.</param>
    private sealed record Target(
        string What, string Work, Figure Figure, double Limit, string? Against = null, string? AgainstWork = null, string? Row = null,
        bool AtLeast = false);
}
