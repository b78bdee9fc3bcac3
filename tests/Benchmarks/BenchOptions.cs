namespace RawEcho.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Quick">Few items, few rounds: under three minutes.</param>
/// <param name="Items">Names of work items; empty for all of them.</param>
/// <param name="Peers">Names of peers beside RawEcho and C; empty for all of them.</param>
/// <param name="Rounds">Rounds at most; some costly items make fewer.</param>
/// <param name="Scale">Factor on every warm-up and measuring time.</param>
/// <param name="Output">Where bench.json and bench.md go; null for artifacts/bench.</param>
internal sealed record BenchOptions(bool Quick, string[] Items, string[] Peers, int Rounds, double Scale, string? Output)
{
    /// <summary>The out/ of another build of RawEcho, which is measured beside this one; null for none.</summary>
    public string? Before { get; init; }

    /// <summary>The command as it was typed, for the report.</summary>
    public required string CommandLine { get; init; }
}
