using System.Globalization;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>The agreed start, the clock and the fleet of a result in words.</summary>
internal static class FleetText
{
    /// <summary>Which member it is, or which are there; when it began, and by which clock.</summary>
    public static IEnumerable<string> Head(RunResult result)
    {
        if (result.Fleet is { } fleet) yield return $"Fleet: {Who(result, fleet)} (fleet {fleet.Id})";
        if (result.Start is not { } start) yield break;
        string late = start.LateSeconds is { } seconds ? $"begun {Late(seconds)}" : "not begun";
        string ofAll = result.Merged is null ? string.Empty : ", the latest member";
        yield return $"Start: {start.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture)}, {late}{ofAll}";
        if (start.Clock is { } clock) yield return $"Clock: {Clock(clock)}";
    }

    /// <summary>A line for each member of a merged fleet, and which of them is the slowest.</summary>
    public static IEnumerable<string> Members(RunResult result)
    {
        if (result is not { Fleet: { } fleet, Merged: { } merged }) yield break;
        bool isStream = result.IsStream;
        yield return Row("Member", "Host", "Clients", isStream ? "Mbit/s" : "Trips/s", "of asked", "p99", "late", "clock ±");
        // One kernel, one clock.
        bool isOneClock = merged[0].FleetMember?.Start.Clock?.Kernel is { } kernel
            && merged.All(m => m.FleetMember?.Start.Clock?.Kernel == kernel);
        MergedResult[] members = [.. merged.Where(m => m.FleetMember is not null).OrderBy(m => m.FleetMember!.Member)];
        foreach (MergedResult part in members)
        {
            FleetMemberResult m = part.FleetMember!;
            yield return Row(
                m.Member.ToString(CultureInfo.InvariantCulture),
                part.Machine,
                m.Clients.ToString(CultureInfo.InvariantCulture),
                Quantity.Rate(isStream ? m.Mbit : m.RoundTripsPerSecond),
                m.RoundTripsPerSecond / m.Asked is { } share ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %") : "-",
                m.P99Ns is { } p99 ? Quantity.Time(p99) : "-",
                m.Start.LateSeconds is { } late ? Seconds(late) : "-",
                Uncertainty(m.Start.Clock) is { } error ? Seconds(error) : isOneClock ? "the same" : "unknown");
        }

        string Named(int member) => $"member {member} on {members.First(m => m.FleetMember!.Member == member).Machine}";
        if (fleet.SlowestByLatency is { } slow) yield return $"Slowest by p99: {Named(slow)}";
        string measure = isStream ? "bit rate" : result.Rate is null ? "round trips of a client" : "rate reached";
        if (fleet.SlowestByRate is { } behind) yield return $"Slowest by {measure}: {Named(behind)}";
    }

    private static string Who(RunResult result, FleetResult fleet)
    {
        string clients = string.Create(CultureInfo.InvariantCulture, $"{fleet.Clients} clients");
        string rate = fleet.Rate is { } perSecond ? $" at {Quantity.Number(perSecond)} per second" : string.Empty;
        if (fleet.Member is { } member)
            return FormattableString.Invariant($"member {member} of {fleet.Members}, {result.Settings.Clients} of {clients}{rate}");
        string missing = fleet.Missing is { Count: > 0 } gone ? $"; missing: {string.Join(", ", gone)}" : string.Empty;
        int there = fleet.Members - (fleet.Missing?.Count ?? 0);
        return FormattableString.Invariant($"{there} of {fleet.Members} members, {result.Settings.Clients} of {clients}{rate}{missing}");
    }

    private static string Clock(ClockResult clock)
    {
        string kernel = clock switch
        {
            { Synchronized: true, MaxErrorSeconds: { } error } => $"synchronized, within {Seconds(error)}, says the kernel",
            { Synchronized: true } => "synchronized, says the kernel",
            { Synchronized: false } => "not synchronized, says the kernel",
            _ => "the kernel does not say whether it is synchronized",
        };
        string set = clock.SetBySeconds == 0 ? "" : $"; set by {Quantity.Number(clock.SetBySeconds)} s while waiting for the start";
        if (clock is not { Reference: { } reference, OffsetSeconds: { } offset, ErrorSeconds: { } known }) return kernel + set;
        string way = offset < 0 ? "ahead of" : "behind";
        return $"{Seconds(Math.Abs(offset))} {way} {reference} (± {Seconds(known)}), and the start is by that one; {kernel}{set}";
    }

    // How far a start may have been off, by the best that is known.
    private static double? Uncertainty(ClockResult? clock) =>
        clock?.ErrorSeconds ?? (clock is { Synchronized: true, MaxErrorSeconds: { } error } ? error : null);

    private static string Late(double seconds) => seconds == 0 ? "in time" : $"{Seconds(seconds)} late";

    private static string Seconds(double seconds) => Quantity.Time(seconds * 1e9);

    private static string Row(
        string member, string host, string clients, string reached, string share, string p99, string late, string clock) => string.Create(
        CultureInfo.InvariantCulture, $"{member,6}  {host,-20} {clients,8} {reached,10} {share,9} {p99,10} {late,11} {clock,10}");
}
