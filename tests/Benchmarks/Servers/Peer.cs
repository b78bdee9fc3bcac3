namespace RawEcho.Benchmarks.Servers;

/// <summary>A server that can be started.</summary>
/// <param name="Name">As on the command line and in JSON.</param>
/// <param name="Title">As in tables.</param>
/// <param name="Command">Program and arguments for a job.</param>
internal sealed record Peer(string Name, string Title, Func<ServerJob, string[]> Command);

/// <summary>What a server is started for.</summary>
/// <param name="Certificates">Its certificates.</param>
/// <param name="Tls">1.2 or 1.3.</param>
/// <param name="Connections">How many connections will come, at most.</param>
internal sealed record ServerJob(Certificates Certificates, string Tls, int Connections)
{
    public const string DefaultTls = "1.3";

    /// <summary>Where a balancer asks whether it is ready; null for nowhere.</summary>
    public int? AdminPort { get; init; }
}

/// <summary>A peer that is left out, and why.</summary>
internal sealed record SkippedPeer(string Name, string Reason);
