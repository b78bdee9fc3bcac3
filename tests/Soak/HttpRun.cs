using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>
/// HTTP under load: keep-alive connections over HTTP/1.1 and HTTP/2, connections for one request each, requests that are given up in the
/// middle, and files that are replaced every second; then 1 GiB that is echoed. In between and at the end the server rests, and must
/// hold no more than after the first part.
/// </summary>
/// <param name="time">How long, both parts together.</param>
internal sealed class HttpRun(TimeSpan time)
{
    private const string Serving = "Serving HTTP on ", AdminPages = "Admin pages on ";
    private const double MostGrowthMiB = 8;
    private const double MostDuringLargeBodyMiB = 64;
    private const int Body = 1_000_000;
    private const long LargeBody = 1 << 30;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LargeBodyLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Swapping = TimeSpan.FromSeconds(1);

    private long _answered;
    private long _givenUp;

    public Task<int> RunAsync() => Attempt.RunAsync(RunAsync);

    private async Task RunAsync(Task stop)
    {
        using var files = new RotationFiles();
        using var server = new Child(
            "rawecho-server", ["--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", .. files.Options, "--reload", "100ms", "--quiet"]);
        var http = new Uri((await server.WaitForLineAsync(Serving, Limit))[Serving.Length..]);
        using var admin = new HttpClient { BaseAddress = new Uri((await server.WaitForLineAsync(AdminPages, Limit))[AdminPages.Length..]) };

        // What is compiled and pooled by then is there for good.
        await LoadAsync(time / 5, files, server, http, stop);
        Level before = await MeasureAsync(server, admin);
        Console.Out.WriteLine($"After the first part: {before}");
        await LoadAsync(time * 4 / 5, files, server, http, stop);
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
            await EchoLargeBodyAsync(files, server, http, version, before);
        Level after = await MeasureAsync(server, admin);
        Console.Out.WriteLine($"At the end:           {after}");
        server.Terminate();
        int code = await server.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The server ended with exit code {code}.");
        Console.Out.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"Requests with a body: {_answered} answered, {_givenUp} given up in the middle."));
        foreach (string line in server.Lines.Where(l => l.StartsWith("HTTP requests", StringComparison.Ordinal)))
            Console.Out.WriteLine(line);
        if (after.Open != 0 || before.Open != 0) throw new SoakException("Connections were left open.");
        if (after.Buffers > before.Buffers || after.Args > before.Args || after.Descriptors > before.Descriptors)
            throw new SoakException("Something was not given back.");
        if (after.PrivateMiB > before.PrivateMiB + MostGrowthMiB) throw new SoakException("Memory has grown.");
    }

    private async Task LoadAsync(TimeSpan part, RotationFiles files, Child server, Uri http, Task stop)
    {
        string[] common = [.. files.Client, .. Layout.Patient, "--duration", "500h", "--quiet"];
        string[] echo = ["--rate", "400", "--size", "1-5000"];
        Child[] clients =
        [
            new("rawecho-client", ["run", $"{http}echo", "--http", "1.1", "--clients", "8", .. echo, .. common]),
            new("rawecho-client", ["run", $"{http}echo", "--http", "2", "--clients", "4", .. echo, .. common]),
            new("rawecho-client", ["run", $"{http}", "--no-keep-alive", "--clients", "2", "--rate", "40", .. common]),
        ];
        using var over = new CancellationTokenSource();
        Task bodies = SendBodiesAsync(files, http, over.Token);
        var clock = Stopwatch.StartNew();
        for (int turn = 0; clock.Elapsed < part && !stop.IsCompleted; turn++)
        {
            if (server.HasExited) throw new SoakException($"The server ended: {string.Join(" | ", server.Lines.TakeLast(3))}");
            if (Array.Find(clients, c => c.HasExited) is { } ended)
                throw new SoakException($"A client ended: {string.Join(" | ", ended.Lines.TakeLast(3))}");
            if (bodies.IsCompleted) await bodies;
            files.Swap(turn);
            await Task.WhenAny(Task.Delay(Swapping), stop);
        }

        await over.CancelAsync();
        await bodies;
        foreach (Child client in clients) client.Terminate();
        foreach (Child client in clients)
        {
            int code = await client.ExitAsync(Limit);
            if (code != ExitCode.Interrupted || !client.Lines.Contains("Mismatches: 0"))
                throw new SoakException($"A client ended with exit code {code}: {string.Join(" | ", client.Lines.TakeLast(3))}");
            client.Dispose();
        }
    }

    private static async Task EchoLargeBodyAsync(RotationFiles files, Child server, Uri http, Version version, Level before)
    {
        using X509Certificate2 own = files.Good();
        using HttpClient client = CreateClient(own, version);
        var echo = new LargeEcho(LargeBody);
        var clock = Stopwatch.StartNew();
        Task work = version == HttpVersion.Version20 ? echo.OverHttp2Async(client, new Uri(http, "echo")) : OverHttp1Async();
        double most;
        try
        {
            most = await LargeEcho.MostPrivateAsync(server.Id, work).WaitAsync(LargeBodyLimit) / (double)(1 << 20);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or HttpRequestException or TimeoutException)
        {
            throw new SoakException($"1 GiB over HTTP/{version}: {e.Message}");
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"1 GiB over HTTP/{version} and back: {clock.Elapsed.TotalSeconds:0.0} s, at most {most:0.0} MiB private"));
        if (most > before.PrivateMiB + MostDuringLargeBodyMiB) throw new SoakException("The server holds too much of a large body.");

        async Task OverHttp1Async()
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(http.Host, http.Port);
            await using var connection = new SslStream(new NetworkStream(socket));
            await connection.AuthenticateAsClientAsync(TlsWith(own));
            await echo.OverHttp1Async(connection);
        }
    }

    // Every second one is given up while its body is on the way.
    private async Task SendBodiesAsync(RotationFiles files, Uri http, CancellationToken over)
    {
        byte[] body = new byte[Body];
        Random.Shared.NextBytes(body);
        for (int i = 0; !over.IsCancellationRequested; i++)
        {
            bool givesUp = i % 2 == 1;
            using X509Certificate2 own = files.Good();
            using HttpClient client = CreateClient(own, i % 4 < 2 ? HttpVersion.Version11 : HttpVersion.Version20);
            using var limit = new CancellationTokenSource(givesUp ? TimeSpan.FromMilliseconds(Random.Shared.Next(2, 40)) : Limit);
            try
            {
                using var content = new DuplexBody(body);
                using HttpResponseMessage answer = await client.PostAsync(new Uri(http, "echo"), content, limit.Token);
                byte[] echo = await answer.Content.ReadAsByteArrayAsync(limit.Token);
                if (!echo.AsSpan().SequenceEqual(body))
                    throw new SoakException("A body came back changed.");
                Interlocked.Increment(ref _answered);
            }
            catch (Exception e) when (givesUp && e is OperationCanceledException or HttpRequestException)
            {
                Interlocked.Increment(ref _givenUp);
            }
            catch (Exception e) when (e is not SoakException)
            {
                throw new SoakException($"A request failed: {e.Message} {e.InnerException?.Message}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }
    }

    private static HttpClient CreateClient(X509Certificate2 own, Version version) =>
        new(new SocketsHttpHandler
        {
            SslOptions = TlsWith(own),
        })
        {
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Limit,
        };

    private static SslClientAuthenticationOptions TlsWith(X509Certificate2 own) => new()
    {
        TargetHost = "localhost",
        ClientCertificates = [own],
#pragma warning disable CA5359 // It is the server that is tested, on loopback.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static async Task<Level> MeasureAsync(Child server, HttpClient admin)
    {
        await Task.Delay(Rest);
        string[] metrics = (await admin.GetStringAsync("/metrics")).Split('\n');
        return new Level(
            Value("rawecho_connections_open"), Value("rawecho_pool_buffers_used"), Value("rawecho_pool_args_used"),
            ProcessSockets.Count(server.Id), ProcessMemory.ReadPrivate(server.Id) / (double)(1 << 20));

        int Value(string name)
        {
            string line = Array.Find(metrics, l => l.StartsWith(name, StringComparison.Ordinal) && !l.StartsWith('#'))
                ?? throw new SoakException($"/metrics has no {name}.");
            return int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What the server holds while it rests.</summary>
    private sealed record Level(int Open, int Buffers, int Args, int Descriptors, double PrivateMiB)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Open} connections, {Buffers} buffers and {Args} args in use, {Descriptors} sockets, {PrivateMiB:0.0} MiB private");
    }

    /// <summary>A body that is sent in pieces, so that the answer is read while it goes.</summary>
    private sealed class DuplexBody(byte[] body) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            const int piece = 50_000;
            for (int at = 0; at < body.Length; at += piece) await stream.WriteAsync(body.AsMemory(at, Math.Min(piece, body.Length - at)));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
