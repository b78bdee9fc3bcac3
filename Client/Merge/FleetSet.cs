using System.Globalization;
using RawEcho.Client.Results;
using RawEcho.Client.Units;
using RawEcho.CommandLine;

namespace RawEcho.Client.Merge;

/// <summary>The results of the members of one fleet, as far as they are there.</summary>
internal sealed class FleetSet
{
    private const int MostNamed = 10;

    private readonly FleetResult _fleet;
    private readonly double _beforeMeasuring;
    private readonly double _tolerance;

    private FleetSet(RunResult first, IReadOnlyList<FleetMemberResult> members)
    {
        const double halfAStep = 0.5, usualStep = 1;
        _fleet = first.Fleet!;
        Members = members;
        Missing = [.. Enumerable.Range(1, _fleet.Members).Except(members.Select(m => m.Member))];
        _beforeMeasuring = (first.Settings.RampSeconds ?? 0) + (first.Settings.WarmupSeconds ?? 0);
        Step = first.Settings.IntervalSeconds ?? usualStep;
        _tolerance = halfAStep * Step;
    }

    /// <summary>Those that are there, by their numbers.</summary>
    public IReadOnlyList<FleetMemberResult> Members { get; }

    /// <summary>The numbers of the others.</summary>
    public IReadOnlyList<int> Missing { get; }

    /// <summary>How long a step of all time series is, seconds.</summary>
    public double Step { get; }

    /// <summary>Puts the members of a fleet together.</summary>
    /// <param name="files">Where the results come from.</param>
    /// <param name="results">The results, in the same order; at least one.</param>
    /// <returns>Null where no result is one of a fleet.</returns>
    /// <exception cref="CommandException">They are not of one fleet, or a member is there twice.</exception>
    public static FleetSet? Of(IReadOnlyList<string> files, IReadOnlyList<RunResult> results)
    {
        if (results.All(r => r.Fleet is null)) return null;
        int single = results.ToList().FindIndex(r => r.Fleet is null);
        if (single >= 0)
        {
            string member = files[results.ToList().FindIndex(r => r.Fleet is not null)];
            throw Refuse($"{member} is the result of a fleet, and {files[single]} is not: they are no parts of one load.");
        }

        IReadOnlyList<(string Option, string Value)> wanted = FactsOf(results[0]);
        foreach ((string file, RunResult result) in files.Zip(results))
        {
            string[] differences = [.. FactsOf(result).Zip(wanted).Where(f => f.First != f.Second).Select(Difference)];
            if (differences.Length > 0) throw Refuse($"{file} is not of the same fleet as {files[0]}: {string.Join("; ", differences)}.");
        }

        (string File, FleetMemberResult Member)[] all =
            [.. files.Zip(results).SelectMany(r => MembersOf(r.Second).Select(m => (r.First, m)))];
        if (all.GroupBy(m => m.Member.Member).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            string member = FormattableString.Invariant($"member {same.Key} of {results[0].Fleet!.Members}");
            throw Refuse($"{same.First().File} and {same.ElementAt(1).File} are both results of {member}: each counts once.");
        }

        return new FleetSet(results[0], [.. all.Select(m => m.Member).OrderBy(m => m.Member)]);
    }

    /// <summary>What keeps the members that are there from being the fleet, one sentence; null for nothing.</summary>
    public string? Problem()
    {
        if (Missing.Count > 0) return MissingText();
        FleetMemberResult? apart = Members.MaxBy(Apart);
        if (apart is null || Apart(apart) <= _tolerance) return null;
        string tolerance = FormattableString.Invariant($"more than {Quantity.Number(_tolerance)} s, half a step of the time series");
        return $"{NameOf(apart)} did not load at the same time as the others: {WhyApart(apart)}, {tolerance}.";
    }

    /// <summary>Why it is not known whether all began at the same time, one sentence; null where it is known.</summary>
    public string? Doubt()
    {
        // One kernel, one clock.
        bool isOneClock = Members[0].Start.Clock?.Kernel is { } kernel && Members.All(m => m.Start.Clock?.Kernel == kernel);
        if (isOneClock) return null;
        string[] unknown = [.. Members.Select(m => (Name: NameOf(m), Why: WhyUnknown(m.Start.Clock))).Where(m => m.Why is not null)
            .Select(m => $"{m.Name} ({m.Why})")];
        return unknown.Length == 0
            ? null
            : $"The clocks of these members are not known to agree: {List(unknown)}. --clock measures them.";
    }

    /// <summary>The fleet as it stands in a merged result.</summary>
    public FleetResult ToResult() => _fleet with
    {
        Member = null,
        Missing = Missing,
        SlowestByLatency = Extreme(m => m.P99Ns),
        SlowestByRate = Extreme(m => -Reached(m)),
    };

    /// <summary>The start as it stands in a merged result.</summary>
    public StartResult ToStart() => new(Members[0].Start.At, Members.Max(m => m.Start.LateSeconds));

    // The part of its rate; without one what each connection came to. In an upload or a download there are no round trips.
    private static double? Reached(FleetMemberResult member) =>
        (member.P99Ns is null ? member.Mbit ?? member.RoundTripsPerSecond : member.RoundTripsPerSecond) / (member.Asked ?? member.Clients);

    private int? Extreme(Func<FleetMemberResult, double?> value)
    {
        FleetMemberResult[] known = [.. Members.Where(m => value(m) is not null).OrderByDescending(value)];
        return known is [var first, var second, ..] && value(first) > value(second) ? first.Member : null;
    }

    private string MissingText()
    {
        string of = FormattableString.Invariant($"of {_fleet.Members}");
        return Missing is [var one]
            ? FormattableString.Invariant($"Member {one} {of} is missing.")
            : $"Members {List([.. Missing.Select(m => m.ToString(CultureInfo.InvariantCulture))])} {of} are missing.";
    }

    // What is late within ramp and warm-up is not late in what is measured.
    private double LateInMeasurement(FleetMemberResult member) => Math.Max(0, (member.Start.LateSeconds ?? 0) - _beforeMeasuring);

    private double Apart(FleetMemberResult member) =>
        LateInMeasurement(member) + Math.Abs(member.Start.Clock?.SetBySeconds ?? 0) + (member.Start.Clock?.ErrorSeconds ?? 0);

    private string WhyApart(FleetMemberResult member)
    {
        double late = LateInMeasurement(member), setBy = member.Start.Clock?.SetBySeconds ?? 0;
        if (Math.Abs(setBy) > _tolerance)
            return string.Create(CultureInfo.InvariantCulture, $"its clock was set by {setBy:0.###} s while it waited for the start");
        return late > _tolerance
            ? string.Create(CultureInfo.InvariantCulture, $"it began {member.Start.LateSeconds:0.###} s late")
            : string.Create(CultureInfo.InvariantCulture, $"its clock is known to {member.Start.Clock!.ErrorSeconds:0.###} s only");
    }

    private string? WhyUnknown(ClockResult? clock) => clock switch
    {
        { Reference: not null } => null,
        { Synchronized: null } or null => "unmeasured",
        { Synchronized: false } => "not synchronized",
        { MaxErrorSeconds: { } error } when error > _tolerance =>
            string.Create(CultureInfo.InvariantCulture, $"within {error:0.###} s, says its kernel"),
        _ => null,
    };

    private static string NameOf(FleetMemberResult member) => FormattableString.Invariant($"Member {member.Member}");

    private static IReadOnlyList<(string Option, string Value)> FactsOf(RunResult result) => FleetIdentity.Facts(
        result.Settings, result.Fleet!, result.Start!.At, MembersOf(result).FirstOrDefault()?.Start.Clock?.Reference);

    private static IEnumerable<FleetMemberResult> MembersOf(RunResult result) =>
        result.Merged is { } merged ? merged.Select(m => m.FleetMember).OfType<FleetMemberResult>() : [FleetMemberResult.Of(result)];

    private static string Difference(((string Option, string Value) Of, (string Option, string Value) Wanted) pair) =>
        $"{pair.Of.Option} {pair.Of.Value} and not {pair.Wanted.Value}";

    private static string List(string[] words)
    {
        if (words.Length > MostNamed) return $"{string.Join(", ", words.Take(MostNamed))} and {words.Length - MostNamed} more";
        return words.Length == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
    }

    private static CommandException Refuse(string why) => new(ExitCode.Fleet, why);
}
