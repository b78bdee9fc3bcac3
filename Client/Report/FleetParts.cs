using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>The members of a fleet on a page.</summary>
internal static class FleetParts
{
    private const double NanosecondsPerSecond = 1e9;
    private const double BitsPerMbit = 1e6;
    private const int Columns = 7;

    /// <summary>A row for each member; nothing where no fleet was merged.</summary>
    public static IEnumerable<PageSection> Members(RunResult run)
    {
        if (run is not { Fleet: { } fleet, Merged: { } merged }) return [];
        TableRow[] rows =
        [
            .. merged.Where(m => m.FleetMember is not null).OrderBy(m => m.FleetMember!.Member)
                .Select(m => Row(m.Machine, m.FleetMember!, run.IsStream, fleet)),
            .. (fleet.Missing ?? []).Select(n => new TableRow($"{n}: missing", [.. Enumerable.Repeat(Cell.Blank, Columns)])),
        ];
        string reached = run.IsStream ? "bit rate" : "round trips";
        string[] columns = ["host", "connections", reached, "of what was asked", "p99", "began late", "slowest"];
        return [new TableSection("Members of the fleet", columns, [new TableGroup(null, rows)])];
    }

    private static TableRow Row(string machine, FleetMemberResult member, bool isStream, FleetResult fleet)
    {
        string[] slowest =
        [
            .. fleet.SlowestByLatency == member.Member ? ["by p99"] : (string[])[],
            .. fleet.SlowestByRate == member.Member ? ["by rate"] : (string[])[],
        ];
        return new TableRow($"{member.Member}",
        [
            Cell.Of(machine),
            Cell.Of(Unit.Count, member.Clients),
            isStream ? Cell.Of(Unit.BitsPerSecond, member.Mbit * BitsPerMbit) : Cell.Of(Unit.PerSecond, member.RoundTripsPerSecond),
            Cell.Of(Unit.Percent, 100 * member.RoundTripsPerSecond / member.Asked),
            Cell.Of(Unit.Seconds, member.P99Ns / NanosecondsPerSecond),
            Cell.Of(Unit.Seconds, member.Start.LateSeconds),
            slowest.Length == 0 ? Cell.Blank : Cell.Of(string.Join(", ", slowest)),
        ]);
    }
}
