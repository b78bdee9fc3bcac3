using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Results;
using RawEcho.Terminal;

namespace RawEcho.Client.Report;

/// <summary>What the pages of all commands have in common.</summary>
internal static class PageParts
{
    /// <summary>Name and version of this program.</summary>
    public static string Generator { get; } = ProgramVersion.Of("rawecho-client");

    /// <summary>When it began, and whether it was interrupted, as a sentence begins.</summary>
    public static string Start(DateTimeOffset started, bool isInterrupted) =>
        started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture) + (isInterrupted ? " (interrupted)" : string.Empty);

    /// <summary>How many errors there were, as a headline.</summary>
    public static Headline Errors(IReadOnlyList<ErrorResult> errors)
    {
        long count = errors.Sum(e => e.Count);
        return new Headline("Errors", Unit.Count.Format(count), IsBad: count > 0);
    }

    /// <summary>The errors by kind.</summary>
    public static NoteSection ErrorNotes(IReadOnlyList<ErrorResult> errors) =>
        new("Errors", [.. errors.Select(e => $"{Unit.Count.Format(e.Count)} × {e.Kind}. The first: {e.First}")]);

    /// <summary>What --fail-if and --abort-if asked, and what came of it.</summary>
    public static NoteSection Conditions(IReadOnlyList<ConditionResult> conditions) => new("Conditions", [.. conditions.Select(Condition)]);

    /// <summary>The servers, with their addresses.</summary>
    public static IEnumerable<Fact> Servers(IEnumerable<ServerResult> servers) =>
        servers.Select(s => new Fact("server", $"{s.Name} ({string.Join(", ", s.Addresses)})"));

    /// <summary>The machine that it was measured on.</summary>
    public static Fact Machine(MachineResult m) => new("machine", $"{m.Name}: {m.OperatingSystem}, {m.Processors} processors, {m.Runtime}");

    private static string Condition(ConditionResult condition)
    {
        string outcome = condition.Met switch { true => "⚠ Failed", false => "Held", null => "⚠ Not decided" };
        string seen = condition.Actual is { } actual ? $", seen {actual}" : string.Empty;
        string why = condition.Undecided is { } undecided ? $": {undecided}" : string.Empty;
        string ended = condition.EndedAtSeconds is { } second
            ? string.Create(CultureInfo.InvariantCulture, $", and ended the run at {second} s")
            : string.Empty;
        return $"{outcome}: {condition.Option} '{condition.Condition}'{seen}{ended}{why}.";
    }
}
