using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks;

/// <summary>A set of certificates that all servers and the generator share: made anew for each run, deleted after it.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rawecho-bench-").FullName;

    private Certificates() { }

    public string Ca => Path.Combine(_directory, "ca.pem");

    public string Server => Path.Combine(_directory, "server.pem");

    public string ServerKey => Path.Combine(_directory, "server-key.pem");

    public string Client => Path.Combine(_directory, "client.pem");

    public string ClientKey => Path.Combine(_directory, "client-key.pem");

    /// <param name="layout">Where rawecho-certs lies.</param>
    /// <param name="key">The kind of the keys, as rawecho-certs names it.</param>
    /// <param name="cancellation">Ends rawecho-certs.</param>
    public static async Task<Certificates> CreateAsync(Layout layout, string key, CancellationToken cancellation)
    {
        var certificates = new Certificates();
        ToolResult result = await Tool.RunAsync(
            layout.Program("rawecho-certs"), ["create", "--dir", certificates._directory, "--key", key], cancellation: cancellation);
        if (result.ExitCode == 0) return certificates;
        certificates.Dispose();
        throw new BenchFailure($"rawecho-certs failed: {result.FirstLine}");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
