using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>The work of echo servers, with times that keep the whole set under 20 minutes and --quick under 3.</summary>
internal static class WorkCatalog
{
    public const string Small = "small";
    public const string Size16K = "16k";
    public const string Size256K = "256k";
    public const string Connections10000 = "conn10000";
    public const string Depth8 = "depth8";
    public const string Depth64 = "depth64";
    public const string Connections1000 = "conn1000";
    public const string Connections100000 = "conn100000";
    public const string OneAndTwoCores = "cores";
    public const string Start = "start";
    public const string Idle = "idle";
    public const string Handshake = "handshake";
    public const string Resumed = "resumed";
    public const string Client = "client";
    public const string Watched = "watched";

    private const int KB = 1024;

    public static IReadOnlyList<WorkItem> All { get; } =
    [
        new EchoWork(Small, 64, 1, 100) { Quick = true, Seconds = 3, CountsSystemCalls = true },
        new EchoWork("small12", 64, 1, 100) { Tls = "1.2", MaxRounds = 2, Seconds = 2, CloseOnly = true },
        new EchoWork("1k", 64, KB, KB) { MaxRounds = 2, CloseOnly = true },
        new EchoWork(Size16K, 64, 16 * KB, 16 * KB) { Quick = true, CountsSystemCalls = true },
        new EchoWork(Size256K, 16, 256 * KB, 256 * KB) { CloseOnly = true },
        new EchoWork(Depth8, 64, 1, 100, depth: 8) { MaxRounds = 2, CloseOnly = true },
        new EchoWork(Depth64, 16, 1, 100, depth: 64) { MaxRounds = 2, CloseOnly = true },
        new EchoWork("conn1", 1, 1, 100) { MaxRounds = 2, CloseOnly = true },
        new EchoWork(Connections1000, 1_000, 1, 100) { MaxRounds = 2 },
        new EchoWork(Connections10000, 10_000, 1, 100) { MaxRounds = 1, WarmUp = 2, CloseOnly = true },
        new IdleWork(
            $"private memory per idle connection, {IdleWork.Few:N0} to {IdleWork.Many:N0} connections, "
                + "after one message each and 5 s of rest",
            (context, server, connections) => new LoadGenerator(
                context.Generator, "idle", server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator, connections))
        {
            MaxRounds = 1,
        },
        new HandshakeWork(Handshake, "full mutual handshakes, ECDSA P-256", resumed: false),
        new HandshakeWork("handshake-rsa", "full mutual handshakes, RSA-2048", resumed: false)
        {
            Rsa = true,
            MaxRounds = 2,
            CloseOnly = true,
        },
        new HandshakeWork(Resumed, "resumed mutual handshakes, ECDSA P-256", resumed: true),
        new StartWork(),
        new ClientWork(),
        new WatchedWork(),
        new CoresWork(),
        new ManyWork(100_000) { MaxRounds = 1, OnDemand = true },
    ];
}
