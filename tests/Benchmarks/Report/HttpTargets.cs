using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What RawEcho's transport means to be worth to an ASP.NET Core application behind mutual TLS.</summary>
internal static class HttpTargets
{
    public static IReadOnlyList<Target> All { get; } =
    [
        Cpu("Hello World, event loop", HttpCatalog.Hello, HttpPeers.Loop, 0.65, HttpPeers.Stock),
        Cpu("the same", HttpCatalog.Hello, HttpPeers.Loop, 0.80, HttpPeers.Go),
        Cpu("Hello World, guarded", HttpCatalog.Hello, HttpPeers.Guarded, 0.68, HttpPeers.Stock),
        Cpu("the same", HttpCatalog.Hello, HttpPeers.Guarded, 0.85, HttpPeers.Go),
        Cpu("Hello World, thread pool", HttpCatalog.Hello, HttpPeers.Pool, 0.97, HttpPeers.Stock),
        Cpu("JSON, event loop", HttpCatalog.Json, HttpPeers.Loop, 0.75, HttpPeers.Stock),
        Cpu("100 KB response, event loop", HttpCatalog.Download, HttpPeers.Loop, 0.7, HttpPeers.Stock),
        Cpu("100 KB upload, event loop", HttpCatalog.Upload, HttpPeers.Loop, 0.7, HttpPeers.Stock),
        Cpu("HTTP/2, 10 streams, event loop", HttpCatalog.Http2, HttpPeers.Loop, 0.9, HttpPeers.Stock),
        Cpu("new connection and one request, event loop", HttpCatalog.New, HttpPeers.Loop, 0.9, HttpPeers.Stock),
        new("memory of an idle connection, event loop", HttpCatalog.Idle, [HttpPeers.Loop], Figure.IdleMemory, 0.7, HttpPeers.Stock),
    ];

    private static Target Cpu(string what, string work, string row, double limit, string against) =>
        new($"CPU per request: {what}", work, [row], Figure.Cpu, limit, against);
}
