using System.Globalization;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Processes;

/// <summary>A running server that has said where it listens.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Announcement = "Listening on ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;

    private ServerProcess(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Id => _process.Id;

    public int Port { get; }

    /// <exception cref="BenchFailure">It ended, or said nothing in time.</exception>
    public static async Task<ServerProcess> StartAsync(Peer peer, ServerJob job, string? cores, CancellationToken cancellation)
    {
        string[] command = peer.Command(job);
        ChildProcess process = ChildProcess.Start(command[0], command[1..], cores);
        try
        {
            while (await process.Output.ReadLineAsync(cancellation).AsTask().WaitAsync(StartLimit, cancellation) is { } line)
            {
                if (line.StartsWith(Announcement, StringComparison.Ordinal))
                    return new ServerProcess(process, int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
            }

            await process.WaitAsync(cancellation);
            throw new BenchFailure($"the server {peer.Name} ended at once: {process.Error}");
        }
        catch (Exception e)
        {
            process.Dispose();
            if (e is TimeoutException) throw new BenchFailure($"the server {peer.Name} did not say where it listens.");
            throw;
        }
    }

    public ProcSample Sample() => ProcSample.Take(Id);

    public void Dispose() => _process.Dispose();
}
