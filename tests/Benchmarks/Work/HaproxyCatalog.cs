namespace RawEcho.Benchmarks.Work;

/// <summary>The work of <c>bench haproxy</c>: some four minutes.</summary>
internal static class HaproxyCatalog
{
    public const string Small = "echo64";
    public const string Large = "echo16k";
    public const string Handshake = "handshake";
    public const string HeaderOfConnection = "header-connection";
    public const string HeaderOfEcho = "header-echo";

    private const int Connections = 64;
    private const int LargeSize = 16 * 1024;

    public static IReadOnlyList<WorkItem> All { get; } =
    [
        new HaproxyWork(Small, "64 connections, messages of 64 bytes", HaproxyLoad.Echo(Connections, 64)) { Quick = true },
        new HaproxyWork(Large, "64 connections, messages of 16,384 bytes", HaproxyLoad.Echo(Connections, LargeSize)),
        new HaproxyWork(
            Handshake, "full mutual handshakes, ECDSA P-256; HAProxy resumes its own sessions with the server", HaproxyLoad.Handshakes)
        {
            Quick = true,
        },
        new HeaderOfConnectionWork(
            HeaderOfConnection, "connections without TLS, one message of 64 bytes each, with and without a header, in pairs")
        {
            TimesRounds = 2,
        },
        new HeaderWork(
            HeaderOfEcho, "64 connections, messages of 64 bytes, with and without a header, in pairs", HaproxyLoad.Echo(Connections, 64)),
    ];
}
