using System.Globalization;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Bottlenecks;

/// <summary>
/// Says what limited a run, when the figures say it. Each step excludes one party before the next is looked at, the client first: what a
/// busy client measures says nothing about a server. Where the figures leave two, the verdict is that it is undecided.
/// docs/client.md has the same rules in words.
/// </summary>
internal static class BottleneckFinder
{
    // Of the messages of a rate, so many may be late, and it was kept.
    private const double KeptShare = 0.01;
    // One cause of lateness outweighs the others.
    private const double MainShare = 0.6;
    // A thread, or the processors, are full; or so idle that others must be behind it.
    private const double Full = 0.9, Idle = 0.5;
    // A thread that waits twice as long for a processor as it runs is starved by others.
    private const double StarvedWait = 0.3, StarvedRatio = 2;
    private const double SharedWait = 0.6, SharedRatio = 4;
    private const double Loss = 0.01;
    private const double Most = 0.5, MostOfAll = 0.8, Few = 0.25, Hardly = 0.1;
    // Without a queue most round trips take about as long as the fastest.
    private const double Queued = 2;
    // Start-up and connecting are a large part of a run that is shorter.
    private const double LeastSeconds = 1;

    public static BottleneckResult Of(RunResult run, ResourceResult? used)
    {
        if (used is null || run.Seconds == 0 || !run.HasData) return Undecided("Nothing was measured.", used);
        if (run.Errors.Count > 0)
            return Undecided("Connections failed, so the load was not what was asked for.", used);
        if (run.Seconds < LeastSeconds)
            return Undecided($"{Quantity.Time(run.Seconds * 1e9)} is too short to tell: measure for a second or longer.", used);
        if (run.IsStream) return OfTheStream(run, used);
        if (run.Rate is not { } rate) return OfTheWait(run, used);
        long missed = rate.Late + rate.Unsent;
        long due = run.RoundTrips + run.Unanswered + rate.Unsent;
        double inTime = 1 - ((double)missed / due);
        if (missed <= due * KeptShare)
            return new("none", $"The rate was kept: {Percent(inTime)} of the messages went out in time.") { Figures = used };
        (long client, long noRoom, long blocked, _) = rate.Causes();
        if (client >= missed * MainShare)
            return Client($"{client} of {missed} messages that were late had room, and this client came too late. {WhyLate(used)}", used);
        if (OfTheClient(used) is { } itself) return itself;
        if (noRoom >= missed * MainShare) return OfTheWait(run, used);
        if (blocked >= missed * MainShare)
            return OfBlockedSends($"{blocked} of {missed} late messages waited behind a send that blocked.", used);
        return Undecided("Late messages have several causes, and none outweighs the others.", used);
    }

    private static BottleneckResult OfTheStream(RunResult run, ResourceResult used)
    {
        if (OfTheClient(used) is { } itself) return itself;
        if (run.Settings.Mode != "download") return OfBlockedSends("This client sent as fast as it could.", used);
        // Who only receives does not see why it does not receive more.
        return used.ServerIsHere == true
            ? Server("This client had time to spare, and the data comes from this machine.", used)
            : Undecided("This client had time to spare: the server sent no more, or the network brought no more.", used);
    }

    private static BottleneckResult OfTheWait(RunResult run, ResourceResult used)
    {
        if (OfTheClient(used) is { } itself) return itself;
        if (used.SentAgain >= Loss)
            return new("network", $"{Percent(used.SentAgain.Value)} of the segments had to be sent again.") { Figures = used };
        LatencyResult latency = run.ServiceLatency;
        double usual = latency.ToHistogram().Percentile(50)!.Value, fastest = latency.Histogram[0][0];
        double? path = used.NetworkMinNs;
        string round = $"A round trip takes {Quantity.Time(usual)} (p50)";
        if (path >= usual * Most)
            return InFlight($"{round}, of which the network takes {Quantity.Time(path)} even at its fastest.", run, used);
        // On this machine there is no link that data could queue at. Elsewhere the kernel's mean is the most that the network took.
        double? network = used.ServerIsHere == true ? path ?? 0 : used.NetworkSmoothedNs;
        if (network is not { } most) return Undecided($"{round}; how much of it the network took is not known here.", used);
        double own = run.RoundTripsPerSecond is > 0 and { } perSecond ? used.ClientCores / perSecond * 1e9 : 0;
        // Of the processors' time, not of the round trip's: start-up is in it.
        if (own >= usual * Most)
            return Undecided($"{round}, and this client uses {Quantity.Time(own)} of processor time for each.", used);
        string parts = $"the network took at most {Quantity.Time(most)} of it, and this client {Quantity.Time(own)}";
        bool isQueued = usual > fastest * Queued;
        if (usual - most - own >= usual * MostOfAll) return Server($"{round}: {parts}.", used);
        if (!isQueued)
            return InFlight($"{round} and {Quantity.Time(fastest)} at its fastest, so hardly anything waits in a queue.", run, used);
        return most <= usual * Few
            ? Server($"{round}, and {Quantity.Time(fastest)} when nothing waits: {parts}.", used)
            : Undecided($"{round}: messages wait in the server or on the network, and {parts}.", used);
    }

    private static BottleneckResult OfBlockedSends(string what, ResourceResult used) => used switch
    {
        { SentAgain: >= Loss and var again } =>
            new("network", $"{what} {Percent(again)} of the segments had to be sent again.") { Figures = used },
        { PeerTookNoMore: >= Most } => Server($"{what} The server's program did not take what had arrived.", used),
        { PeerTookNoMore: <= Hardly, ServerIsHere: false } =>
            new("network", $"{what} The server had room for more, and the network did not bring it.") { Figures = used },
        _ => Undecided($"{what} Whether the server or the network kept it is not to be seen from here.", used),
    };

    // Null when this client had time to spare.
    private static BottleneckResult? OfTheClient(ResourceResult used)
    {
        // Where client and server compete for one machine, only much more than an equal share of waiting is the client's own affair.
        bool isShared = used.MachineBusy >= Full && used.ServerIsHere != false;
        if (IsStarved(used, isShared ? SharedWait : StarvedWait, isShared ? SharedRatio : StarvedRatio)) return Client(WhyLate(used), used);
        double share = used.ClientCores / used.Processors;
        double? busiest = used.BusiestThreadRan + used.BusiestThreadWaited;
        if (share >= Full || used.BusiestThreadRan >= Full) return Client(WhyLate(used), used);
        if (isShared)
        {
            return Undecided(
                "The processors of this machine are full, and client and server share them: run the client on a machine of its own.", used);
        }

        if (busiest >= Full) return Client(WhyLate(used), used);
        if (share < Idle && busiest < Idle) return null;
        return Undecided(
            busiest is null
                ? "Whether this client had to wait for a processor is not known on this system."
                : "This client is too busy to be excluded, and not busy enough to be the reason.",
            used);
    }

    private static bool IsStarved(ResourceResult used, double leastWait = StarvedWait, double leastRatio = StarvedRatio) =>
        used is { BusiestThreadWaited: { } waited, BusiestThreadRan: { } ran, PeerTookNoMore: null or < Most }
        && waited >= leastWait && waited >= ran * leastRatio;

    private static string WhyLate(ResourceResult used)
    {
        if (IsStarved(used))
        {
            return $"Its busiest thread waited for a processor {Percent(used.BusiestThreadWaited!.Value)} of the time and ran "
                + $"{Percent(used.BusiestThreadRan!.Value)}: other programs, or a limit, take its processors"
                + (used.ServerIsHere == true ? "; the server is on this machine, too." : ".");
        }

        double share = used.ClientCores / used.Processors;
        if (share >= Full) return $"It used {Percent(share)} of its processors.";
        if (used.BusiestThreadRan >= Full) return $"Its busiest thread ran {Percent(used.BusiestThreadRan.Value)} of the time.";
        if (used.BusiestThreadRan + used.BusiestThreadWaited >= Full)
        {
            return $"Its busiest thread ran {Percent(used.BusiestThreadRan!.Value)} of the time, and waited for a processor "
                + $"{Percent(used.BusiestThreadWaited!.Value)}.";
        }

        return used.MachineBusy >= Full
            ? $"The processors of this machine were busy {Percent(used.MachineBusy.Value)} of the time."
            : "Its processors were not full: it was stopped for a while, or woken too late.";
    }

    private static BottleneckResult InFlight(string why, RunResult run, ResourceResult used)
    {
        long places = (long)run.Settings.Clients * (run.Settings.Depth ?? 1);
        string more = run.Settings.Http is { Version: not "2" } ? "--clients" : "--clients or --depth";
        string most = Quantity.Count(places, "message");
        return new("in-flight", $"{why} At most {most} were in flight; more ({more}) would carry more.") { Figures = used };
    }

    private static BottleneckResult Client(string why, ResourceResult used) => new("client", why) { Figures = used };

    private static BottleneckResult Server(string why, ResourceResult used) => new("server", why) { Figures = used };

    private static BottleneckResult Undecided(string why, ResourceResult? used) => new("undecided", why) { Figures = used };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}
