using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>What all work items need: the servers, the generator, the cores.</summary>
internal sealed record WorkContext(
    Layout Layout, PeerCatalog Catalog, string Generator, Cores Cores, Certificates Ecdsa, Certificates Rsa, SystemCallCounter SystemCalls,
    double Scale);

/// <summary>The figures of one subject in one round.</summary>
internal sealed class Sample : Dictionary<Figure, double>;

/// <summary>Who is measured by a work item: mostly a server.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Title">As in tables.</param>
/// <param name="MeasureAsync">Measures once, in processes of its own.</param>
internal sealed record Subject(string Name, string Title, Func<CancellationToken, Task<Sample>> MeasureAsync)
{
    /// <summary>Figures whose taking would disturb the times, once, in a run of its own; null for none.</summary>
    public Func<CancellationToken, Task<Sample>>? MeasureUntimedAsync { get; init; }
}

/// <summary>One row of the plan: a kind of load, measured on all subjects in turn, over and over.</summary>
internal abstract class WorkItem(string name, string title)
{
    /// <summary>As on the command line.</summary>
    public string Name => name;

    public string Title => title;

    /// <summary>What a figure "per ..." is per: a round trip or a handshake.</summary>
    public virtual string Unit => "round trip";

    /// <summary>Rounds at most: a costly item makes fewer.</summary>
    public int MaxRounds { get; init; } = int.MaxValue;

    /// <summary>A small difference takes so many times as many rounds as the rest.</summary>
    public int TimesRounds { get; init; } = 1;

    /// <summary>Whether --quick includes it.</summary>
    public bool Quick { get; init; }

    /// <summary>Measured only when it is named: it takes long.</summary>
    public bool OnDemand { get; init; }

    /// <summary>
    /// Leaves out the servers that are far behind everywhere, so that the whole stays short; unless the user has named servers.
    /// </summary>
    public bool CloseOnly { get; init; }

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    public virtual string? Obstacle => null;

    /// <summary>How often it is measured, where others are measured so often.</summary>
    public int Rounds(int others) => Math.Min(others * TimesRounds, MaxRounds);

    /// <summary>Who is measured. The first one is the measure of the others.</summary>
    public abstract IReadOnlyList<Subject> Subjects(WorkContext context);

    /// <summary>The servers to measure.</summary>
    protected IEnumerable<Peer> Peers(WorkContext context) =>
        context.Catalog.Peers.Where(p => !CloseOnly || context.Catalog.IsChosen || p.Name is not (EchoPeers.Kestrel or EchoPeers.Simple));
}
