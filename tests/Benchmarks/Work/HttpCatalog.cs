namespace RawEcho.Benchmarks.Work;

/// <summary>The work of HTTP servers: 64 keep-alive connections unless a title says otherwise.</summary>
internal static class HttpCatalog
{
    public const string Hello = "hello";
    public const string Json = "json";
    public const string Download = "download";
    public const string Upload = "upload";
    public const string Http2 = "h2";
    public const string New = "new";
    public const string Idle = "idle";

    private const int Body = 100 * 1024;

    private static readonly HttpTask HelloTask = new("GET", "/hello", null, "Hello World"u8.ToArray());
    private static readonly HttpTask JsonTask = new("GET", "/json", null, """{"text":"Hello, World!"}"""u8.ToArray());
    private static readonly HttpTask DownloadTask = new("GET", "/download", null, Pattern());
    private static readonly HttpTask UploadTask = new("POST", "/upload", Pattern(), "102400"u8.ToArray());

    public static IReadOnlyList<WorkItem> All { get; } =
    [
        new RequestWork(Hello, "Hello World over HTTP/1.1, 64 connections", HelloTask) { Quick = true, CountsSystemCalls = true },
        new RequestWork(Json, "a small object as JSON over HTTP/1.1, 64 connections", JsonTask) { Quick = true },
        new RequestWork(Download, "a response of 100 KB over HTTP/1.1, 64 connections", DownloadTask) { WarmUp = 10 },
        new RequestWork(Upload, "a request of 100 KB over HTTP/1.1, 64 connections", UploadTask) { WarmUp = 10 },
        new RequestWork(Http2, "Hello World over HTTP/2, 64 connections, 10 streams at a time on each", HelloTask) { Streams = 10 },
        new RequestWork(New, "a connection with a full mutual handshake and one Hello World, 8 at a time", HelloTask)
        {
            IsNewEachTime = true, Connections = 8, WarmUp = 15, Seconds = 5,
        },
        new IdleWork(
            $"private memory per idle keep-alive connection, {IdleWork.Few:N0} to {IdleWork.Many:N0} connections, "
                + "after one Hello World each and 5 s of rest",
            (context, server, connections) => HelloTask.Start(context, "idle", server, connections, 1, 0, 0)) { MaxRounds = 2 },
    ];

    // The same bytes as the servers have for /download.
    private static byte[] Pattern() => [.. Enumerable.Range(0, Body).Select(i => (byte)(i % 251))];
}
