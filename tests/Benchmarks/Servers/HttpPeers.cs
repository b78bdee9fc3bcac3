namespace RawEcho.Benchmarks.Servers;

/// <summary>The HTTP servers that are compared: one ASP.NET Core application on several transports, stock Kestrel first, and Go.</summary>
internal static class HttpPeers
{
    public const string Stock = "stock";
    public const string StockInline = "stock-inline";
    public const string Pool = "pool";
    public const string Guarded = "guarded";
    public const string Loop = "loop";
    public const string Go = "go";

    public static IReadOnlyCollection<string> Names { get; } = [Stock, StockInline, Pool, Guarded, Loop, Go];

    /// <summary>Builds those asked for.</summary>
    /// <param name="builder">Builds them.</param>
    /// <param name="wanted">Names; empty for all. Stock Kestrel is always there, as it is the measure.</param>
    public static async Task<PeerCatalog> BuildAsync(PeerBuilder builder, IReadOnlyCollection<string> wanted)
    {
        var catalog = new PeerCatalog();
        bool Wanted(string name) => wanted.Count == 0 || wanted.Contains(name);
        (string? Program, string? Reason) application = await builder.BuildDotnetAsync("Peers/http", "http-peer");
        catalog.Add(Stock, "Kestrel", application, Stock);
        if (application.Program is null) throw new BenchFailure(application.Reason!);
        if (Wanted(StockInline)) catalog.Add(StockInline, "Kestrel, unsafe inline", application, StockInline);
        if (Wanted(Pool)) catalog.Add(Pool, "RawEcho, thread pool", application, Pool);
        if (Wanted(Guarded)) catalog.Add(Guarded, "RawEcho, guarded", application, Guarded);
        if (Wanted(Loop)) catalog.Add(Loop, "RawEcho, event loop", application, Loop);
        if (Wanted(Go)) catalog.Add(Go, "Go: net/http", await builder.BuildGoAsync("Peers/go-http", "go-http"));
        return catalog;
    }
}
