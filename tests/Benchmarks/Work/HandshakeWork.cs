using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>Connections that connect, shake hands, echo one byte and close, a few at a time.</summary>
internal sealed class HandshakeWork(string name, string title, bool resumed) : WorkItem(name, title)
{
    private const int Lanes = 8;
    private const double WarmUp = 1.5;

    public override string Unit => "handshake";

    /// <summary>Whether the certificates are RSA-2048, not ECDSA P-256.</summary>
    public bool Rsa { get; init; }

    public double Seconds { get; init; } = 2.5;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        [.. Peers(context).Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c)))];

    private async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        Certificates certificates = Rsa ? context.Rsa : context.Ecdsa;
        var job = new ServerJob(certificates, ServerJob.DefaultTls, Lanes);
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
        using var load = new LoadGenerator(
            context.Generator, "handshake", server.Port, certificates, job.Tls, context.Cores.Generator,
            resumed ? "resumed" : "full", Lanes, WarmUp * context.Scale, Seconds * context.Scale);
        // Each connection makes one round trip.
        (Sample sample, LoadResult result) = await ServerFigures.MeasureAsync(server, load, cancellation);
        sample[Figure.PerCpuSecond] = 1_000_000 / sample[Figure.Cpu];
        sample[Figure.Resumed] = 100.0 * result.Resumed / result.Handshakes;
        return sample;
    }
}
