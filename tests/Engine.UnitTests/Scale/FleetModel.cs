namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>A kind of machine.</summary>
/// <param name="Cores">Processors.</param>
/// <param name="Gigabytes">Memory, in units of 2^30 bytes.</param>
internal sealed record MachineSize(int Cores, int Gigabytes);

/// <summary>How many machines a number of connections takes.</summary>
/// <param name="Connections">Each of which echoes as often as those that were measured.</param>
/// <param name="Machine">What all machines are like.</param>
/// <param name="Figures">What was measured.</param>
internal sealed record FleetModel(int Connections, MachineSize Machine, MeasuredFigures Figures)
{
    // The rest is for the connections of a machine that fails, and for handshakes.
    private const double CpuShare = 0.5;
    private const double MemoryShare = 0.75;
    // The most that --max-connections takes.
    private const int ProcessAllows = 1_000_000;

    private double UsableKilobytes => Machine.Gigabytes * 1024.0 * 1024 * MemoryShare;

    private double CpuPerConnection => Figures.Echo / MeasuredFigures.EchoEvery;

    private int MemoryAllows => (int)(UsableKilobytes / (Figures.ServerKilobytes + MeasuredFigures.SocketKilobytes));

    private int CpuAllows => (int)(Machine.Cores * CpuShare / CpuPerConnection);

    /// <summary>What bounds the connections of a server, and how many it allows.</summary>
    public (string What, int Connections) Limit => new[]
    {
        ("memory", MemoryAllows), ("CPU", CpuAllows), ("`--max-connections`", ProcessAllows),
    }.MinBy(l => l.Item2);

    /// <summary>Servers, one of which may fail.</summary>
    public int Servers => Ceiling(Connections, Limit.Connections) + 1;

    /// <summary>Connections of a server, while all are there.</summary>
    public int PerServer => Ceiling(Connections, Servers);

    /// <summary>The share of a server's CPU that is in use then.</summary>
    public double Busy => PerServer * CpuPerConnection / Machine.Cores;

    /// <summary>Machines with HAProxy, one of which may fail.</summary>
    /// <param name="kilobytes">Its own memory for a connection. There are two sockets.</param>
    public int Haproxies(double kilobytes) =>
        Ceiling(Connections, (int)(UsableKilobytes / (kilobytes + (2 * MeasuredFigures.SocketKilobytes)))) + 1;

    /// <summary>Connections through an HAProxy, when one of them has failed.</summary>
    public int PerHaproxy(double kilobytes) => Ceiling(Connections, Haproxies(kilobytes) - 1);

    /// <summary>Addresses that each HAProxy needs for its connections to the servers, when one of them has failed.</summary>
    public int SourcesPerHaproxy(double kilobytes) => Ceiling(PerHaproxy(kilobytes), (Servers - 1) * MeasuredFigures.Ports);

    /// <summary>Until 99 % of a server's clients are back on the other ones, after it has died; null for never.</summary>
    public TimeSpan? AfterOneServer(TimeSpan handshake) => Storm(Ceiling(PerServer, Servers - 1), PerServer, handshake);

    /// <summary>Until 99 % of all clients are back on all servers, after all have lost their connections; null for never.</summary>
    public TimeSpan? AfterAll(TimeSpan handshake) => Storm(PerServer, 0, handshake);

    // The clients that are served meanwhile take their part of the server; of those that come back, half are there on average.
    private TimeSpan? Storm(int clients, int served, TimeSpan handshake)
    {
        double cores = Machine.Cores - ((served + (clients / 2.0)) * CpuPerConnection);
        return new StormModel(clients, cores, handshake, MeasuredFigures.Refusal).Until(0.99);
    }

    private static int Ceiling(int all, int each) => (all + each - 1) / each;
}
