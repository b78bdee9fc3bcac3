using RawEcho.Charts;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Report;

/// <summary>The result of a search for the highest rate as a page.</summary>
internal static class MaxReportPage
{
    /// <summary>The page.</summary>
    /// <param name="search">What it shows.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(MaxResult search, DateTimeOffset written) => new()
    {
        Title = $"Highest rate on {string.Join(", ", search.Settings.Servers.Select(s => s.Name))}",
        Lead = $"{PageParts.Start(search.StartedAt, search.Interrupted)}: the highest rate with {Targets(search)}.",
        Generator = PageParts.Generator,
        Written = written,
        Sections =
        [
            new HeadlineSection([.. Headlines(search)]),
            new ChartSection("Latency at the rates", [.. Curves(search)]),
            Runs(search),
            PageParts.ErrorNotes(search.Errors),
            new FactSection("Settings", [.. Settings(search)]),
            new NoteSection("How to read it",
            [
                "Latency is the corrected one: it counts from the moment at which each message was to be sent.",
                "A rate is held when every limit holds, without an error, and at least 99 % of the messages came back.",
            ]),
        ],
    };

    private static string Targets(MaxResult search) =>
        string.Join(", ", search.Targets.Select(t => $"{Name(t)} ≤ {Unit.Seconds.Format(LatencyParts.Seconds(t.LimitNs)!.Value)}"));

    private static string Name(TargetResult target) => target.Percent >= 100 ? "max" : $"p{Quantity.Number(target.Percent)}";

    private static string Rate(double? perSecond) => perSecond is { } rate ? Unit.PerSecond.Format(rate) : "–";

    private static IEnumerable<Headline> Headlines(MaxResult search)
    {
        bool isNone = search.Rate is null;
        yield return new Headline("Highest rate", Rate(search.Rate), isNone ? "no rate held" : Targets(search), isNone);
        yield return new Headline("Held", $"{search.Held} of {search.Runs}", "runs at that rate");
        yield return new Headline("Did not hold", Rate(search.FailedRate), "the lowest such rate");
        yield return PageParts.Errors(search.Errors);
    }

    // The two rates that the limit lies between: the last run at each.
    private static IEnumerable<Chart> Curves(MaxResult search)
    {
        (string Name, LatencyResult Latency)[] curves =
        [
            .. new[] { search.Rate, search.FailedRate }
                .Select(rate => search.Steps.LastOrDefault(s => s.Rate == rate && s.CorrectedLatency.Count > 0))
                .OfType<MaxStepResult>()
                .Select(s => ($"{Rate(s.Rate)} ({(s.Held ? "held" : "not held")})", s.CorrectedLatency)),
        ];
        if (curves.Length == 0) yield break;
        yield return LatencyParts.Curves("Corrected latency by percentile", "The last run at each of the two rates.", curves);
    }

    private static TableSection Runs(MaxResult search)
    {
        string[] columns = ["achieved", .. search.Targets.Select(Name), "outcome"];
        IEnumerable<TableRow> rows = search.Steps.Select((step, i) => new TableRow(
            $"{i + 1}: {Rate(step.Rate)}",
            [
                Cell.Of(Unit.PerSecond, step.Achieved),
                .. search.Targets.Select(t => Cell.Of(Unit.Seconds, LatencyParts.Seconds(Actual(step, t)))),
                Cell.Of(step.Held ? "held" : $"not held: {step.Why}"),
            ]));
        return new TableSection("Runs", columns, [new TableGroup(null, [.. rows])]);
    }

    private static long? Actual(MaxStepResult step, TargetResult target) => target.Percent >= 100
        ? step.CorrectedLatency.MaxNs
        : step.CorrectedLatency.ToHistogram().Percentile(target.Percent);

    private static IEnumerable<Fact> Settings(MaxResult search)
    {
        SettingsResult s = search.Settings;
        foreach (Fact server in PageParts.Servers(s.Servers)) yield return server;
        yield return new("TLS", s.Tls);
        yield return new("clients", Unit.Count.Format(s.Clients));
        if (s.Depth is { } depth) yield return new("messages in flight on a connection", Unit.Count.Format(depth));
        yield return new("message size", $"{s.Size} bytes");
        if (s.DurationSeconds is { } duration) yield return new("duration of a run", $"{Quantity.Number(duration)} s");
        if (s.WarmupSeconds is > 0 and { } warmup) yield return new("warm-up of a run", $"{Quantity.Number(warmup)} s");
        yield return PageParts.Machine(search.Machine);
    }
}
