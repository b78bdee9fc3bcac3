using System.Globalization;
using System.Text.Json;

namespace RawEcho.Benchmarks.Processes;

/// <summary>What the load generator counted between START and END.</summary>
internal sealed record LoadResult(
    long RoundTrips,
    double Seconds,
    double PerSecond,
    double P50Us,
    double P99Us,
    double P999Us,
    double MaxUs,
    long UserUs,
    long SystemUs,
    long Handshakes,
    long Resumed,
    double ConnectSeconds,
    string Protocol,
    string Cipher);

/// <summary>A run of the load generator, step by step, so that the server can be looked at in between.</summary>
internal sealed class LoadGenerator : IDisposable
{
    // Twenty thousand handshakes with the slowest peer on a slow machine, or the measured time.
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(3);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly ChildProcess _process;

    /// <param name="program">The generator.</param>
    /// <param name="mode">load, many, idle or handshake.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="certificates">The client's certificate.</param>
    /// <param name="tls">1.2 or 1.3.</param>
    /// <param name="cores">The cores it may use.</param>
    /// <param name="shape">The arguments of the mode.</param>
    public LoadGenerator(string program, string mode, int port, Certificates certificates, string tls, string? cores, params object[] shape)
        : this(program, sendsHeader: false, mode, port, certificates, tls, cores, shape)
    {
    }

    /// <param name="program">The generator, which speaks TLS itself.</param>
    /// <param name="sendsHeader">Whether each connection begins with a header of the PROXY protocol.</param>
    /// <param name="mode">load, many, idle or handshake.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="certificates">The client's certificate.</param>
    /// <param name="tls">1.2 or 1.3.</param>
    /// <param name="cores">The cores it may use.</param>
    /// <param name="shape">The arguments of the mode.</param>
    public LoadGenerator(
        string program, bool sendsHeader, string mode, int port, Certificates certificates, string tls, string? cores, object[] shape)
    {
        string[] arguments =
        [
            .. sendsHeader ? new[] { "--send-proxy" } : [],
            mode, port.ToString(CultureInfo.InvariantCulture), certificates.Ca, certificates.Client, certificates.ClientKey, tls,
            .. shape.Select(s => Convert.ToString(s, CultureInfo.InvariantCulture)!),
        ];
        _process = ChildProcess.Start(program, arguments, cores);
    }

    /// <summary>Until all connections are ready, in mode many, which then holds them.</summary>
    public Task ConnectedAsync(CancellationToken cancellation) => ExpectAsync("CONNECTED", cancellation);

    /// <summary>Lets mode many begin to send.</summary>
    public void Begin() => _process.Input.WriteLine();

    /// <summary>Until the warm-up is over.</summary>
    public Task StartedAsync(CancellationToken cancellation) => ExpectAsync("START", cancellation);

    /// <summary>Until the measured time is over; the connections are still open.</summary>
    public Task EndedAsync(CancellationToken cancellation) => ExpectAsync("END", cancellation);

    /// <summary>Lets the generator close its connections and takes its result.</summary>
    public async Task<LoadResult> FinishAsync(CancellationToken cancellation)
    {
        _process.Input.Close();
        string rest = await _process.Output.ReadToEndAsync(cancellation).WaitAsync(StepLimit, cancellation);
        int code = await _process.WaitAsync(cancellation);
        if (code != 0) throw Failure();
        string line = rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(l => l.StartsWith('{'));
        return JsonSerializer.Deserialize<LoadResult>(line, Json)!;
    }

    public void Dispose() => _process.Dispose();

    private async Task ExpectAsync(string word, CancellationToken cancellation)
    {
        string? line = await _process.Output.ReadLineAsync(cancellation).AsTask().WaitAsync(StepLimit, cancellation);
        if (line == word) return;
        await _process.WaitAsync(cancellation);
        throw Failure();
    }

    private BenchFailure Failure() => new($"the load generator failed: {_process.Error}");
}
