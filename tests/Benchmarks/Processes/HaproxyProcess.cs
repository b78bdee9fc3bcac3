using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Benchmarks.Processes;

/// <summary>HAProxy in front of one server, with a configuration of deploy/haproxy: the other two servers in it are down.</summary>
internal sealed class HaproxyProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;

    private HaproxyProcess(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>CPU time since its start, nanoseconds.</summary>
    public long CpuNanoseconds => Native.ProcessNanoseconds(_process.Id);

    /// <summary>Starts it, and waits until it has seen which servers are there.</summary>
    /// <param name="layout">Where the configuration lies.</param>
    /// <param name="configuration">Its name.</param>
    /// <param name="server">The server.</param>
    /// <param name="adminPort">Where the server says that it is ready.</param>
    /// <param name="certificates">What is shown to clients and to the server, and by whom both are verified.</param>
    /// <param name="cores">The cores it may use: as many threads as that does it have.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="BenchFailure">It ended, or did not come about in time.</exception>
    public static async Task<HaproxyProcess> StartAsync(
        Layout layout, string configuration, ServerProcess server, int adminPort, Certificates certificates, string? cores,
        CancellationToken cancellation)
    {
        int[] ports = FreePorts(3);
        var environment = new Dictionary<string, string>
        {
            ["RAWECHO_BIND"] = At(ports[0]),
            ["RAWECHO_TLS"] = WriteCertificates(certificates),
            ["RAWECHO_A"] = At(server.Port),
            ["RAWECHO_A_ADMIN"] = Text(adminPort),
            ["RAWECHO_B"] = At(ports[1]),
            ["RAWECHO_B_ADMIN"] = Text(ports[1]),
            ["RAWECHO_C"] = At(ports[2]),
            ["RAWECHO_C_ADMIN"] = Text(ports[2]),
        };
        // The certificates of a benchmark are for localhost.
        string text = await File.ReadAllTextAsync(Path.Combine(layout.Root, "deploy", "haproxy", configuration), cancellation);
        string file = Path.Combine(layout.Built, $"haproxy-{configuration}");
        await File.WriteAllTextAsync(file, text.Replace("echo.internal", "localhost", StringComparison.Ordinal), cancellation);
        ChildProcess process = ChildProcess.Start(Tool.Find("haproxy")!, ["-db", "-f", file], cores, environment: environment);
        try
        {
            await WaitForChecksAsync(process, cancellation);
            // Its log of connections is taken, or it would stand before a full pipe.
            _ = DiscardAsync(process);
            return new HaproxyProcess(process, ports[0]);
        }
        catch (Exception e)
        {
            process.Dispose();
            if (e is TimeoutException) throw new BenchFailure("HAProxy did not find its server in time.");
            throw;
        }
    }

    /// <summary>Ports that nobody has now.</summary>
    public static int[] FreePorts(int count)
    {
        TcpListener[] held = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in held) listener.Start();
        int[] ports = [.. held.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        foreach (TcpListener listener in held) listener.Dispose();
        return ports;
    }

    public void Dispose() => _process.Dispose();

    // It logs each server that is down; then it has looked at all of them.
    private static async Task WaitForChecksAsync(ChildProcess process, CancellationToken cancellation)
    {
        const int absent = 2;
        int down = 0;
        while (down < absent)
        {
            string line = await process.Output.ReadLineAsync(cancellation).AsTask().WaitAsync(StartLimit, cancellation)
                ?? throw new BenchFailure($"HAProxy ended at once: {process.Error}");
            if (line.Contains("rawecho/a is DOWN", StringComparison.Ordinal))
                throw new BenchFailure($"HAProxy says that the server is not ready: {line}");
            if (line.Contains(" is DOWN", StringComparison.Ordinal)) down++;
        }
    }

    private static async Task DiscardAsync(ChildProcess process)
    {
        while (await process.Output.ReadLineAsync() is not null)
        {
            // Nobody reads it.
        }
    }

    private static string WriteCertificates(Certificates certificates)
    {
        string folder = Path.Combine(Path.GetDirectoryName(certificates.Ca)!, "haproxy");
        if (Directory.Exists(folder)) return folder;
        Directory.CreateDirectory(folder);
        void Join(string name, params string[] files) =>
            File.WriteAllText(Path.Combine(folder, name), string.Concat(files.Select(File.ReadAllText)));
        Join("front.pem", certificates.Server, certificates.ServerKey);
        Join("hop.pem", certificates.Client, certificates.ClientKey);
        Join("clients-ca.pem", certificates.Ca);
        Join("hop-ca.pem", certificates.Ca);
        return folder;
    }

    private static string At(int port) => $"127.0.0.1:{Text(port)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
