using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>The result of a load run as a page with charts.</summary>
internal static class RunReportPage
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>The page.</summary>
    /// <param name="run">What it shows: a run that has just ended, or one that was read or merged.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(RunResult run, DateTimeOffset written) => new()
    {
        Title = $"Load on {string.Join(", ", run.Settings.Servers.Select(s => s.Name))}",
        Lead = Lead(run),
        Generator = PageParts.Generator,
        Written = written,
        Sections =
        [
            new HeadlineSection([.. Headlines(run)]),
            PageParts.Conditions(run.Conditions),
            new NoteSection("Bottleneck", [.. run.Bottleneck is { } limit ? BottleneckText.Lines(limit) : []]),
            new ChartSection("Over time", [.. RunCharts.OverTime(run)]),
            new ChartSection("Distribution", run.IsStream ? [] : [RunCharts.ByPercentile(run)]),
            new RowSection(run.IsStream ? [Totals(run)] : [Latencies(run), Totals(run)]),
            .. FleetParts.Members(run),
            PageParts.ErrorNotes(run.Errors),
            new FactSection("Settings", [.. RunSettingFacts.Of(run)]),
            new NoteSection("How to read it", [.. Explanations(run)]),
        ],
    };

    private static string Lead(RunResult run)
    {
        string how = run.IsStream ? $"{run.Settings.Mode} over {Connections(run)}, as fast as possible"
            : run.Rate is { Asked: var rate }
            ? $"asked for {Unit.PerSecond.Format(rate)} over {Connections(run)} (open loop)"
            : $"{Connections(run)}, each as fast as its echoes come back (closed loop)";
        string length = Unit.Seconds.Format(run.Seconds);
        string started = run.StartedAt.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        return $"{started}, {length}{(run.Interrupted ? " (interrupted)" : run.Aborted ? " (ended by --abort-if)" : string.Empty)}: {how}.";
    }

    private static string Connections(RunResult run) =>
        run.Settings.Clients == 1 ? "1 connection" : $"{Count(run.Settings.Clients)} connections";

    private static IEnumerable<Headline> Headlines(RunResult run)
    {
        if (run.IsStream || run.MbitSent is not null)
        {
            yield return new Headline("Bit rate sent", Bits(run.MbitSent), run.IsStream ? "verified by the server" : "application data");
            yield return new Headline("Bit rate received", Bits(run.MbitReceived), run.IsStream ? "verified" : "application data");
        }

        if (run.IsStream)
        {
            yield return Failures(run);
            yield break;
        }

        string throughput = run.RoundTripsPerSecond is { } perSecond ? Unit.PerSecond.Format(perSecond) : "–";
        yield return new Headline("Throughput", throughput, run.Rate is { Asked: var asked }
            ? $"of {Unit.PerSecond.Format(asked)} asked for"
            : "round trips");
        LatencyResult felt = run.Latency();
        string name = run.CorrectedLatency is null ? "Latency" : "Corrected latency";
        foreach (PercentileResult p in felt.Percentiles.Where(p => p.Percent is 50 or 99))
            yield return new Headline($"{name} p{p.Percent:0.##}", Time(p.Ns));
        yield return new Headline($"{name} max", Time(felt.MaxNs));
        if (run.Rate is { } kept)
        {
            yield return new Headline(
                "Sent late", Count(kept.Late), $"and {Count(kept.Unsent)} never sent", IsBad: kept.Late + kept.Unsent > 0);
        }

        yield return Failures(run);
    }

    private static Headline Failures(RunResult run)
    {
        long errors = run.Errors.Sum(e => e.Count);
        return new Headline("Errors", Count(errors), $"{Count(run.Mismatches)} mismatches", IsBad: errors > 0);
    }

    private static string Bits(double? mbit) => mbit is { } known ? Unit.BitsPerSecond.Format(known * 1e6) : "–";

    private static TableSection Latencies(RunResult run)
    {
        (string Name, LatencyResult Summary)[] columns = run.CorrectedLatency is { } corrected
            ? [("corrected", corrected), ("service", run.ServiceLatency)]
            : [("latency", run.ServiceLatency)];
        IEnumerable<TableRow> percentiles = run.ServiceLatency.Percentiles.Select((p, i) => new TableRow(
            string.Create(CultureInfo.InvariantCulture, $"p{p.Percent:0.####}"),
            [
                .. columns.Select(c => c.Summary).Select(s =>
                    Cell.Of(Unit.Seconds, s.Percentiles[i].Ns / NanosecondsPerSecond)),
            ]));
        IEnumerable<Cell> longest = columns.Select(c => c.Summary).Select(s =>
            Cell.Of(Unit.Seconds, s.MaxNs / NanosecondsPerSecond));
        return new TableSection("Latency", [.. columns.Select(c => c.Name)],
        [
            new TableGroup(null,
            [
                .. percentiles,
                new TableRow("max", [.. longest]),
                new TableRow("values", [.. columns.Select(c => Cell.Of(Unit.Count, c.Summary.Count))]),
            ]),
        ]);
    }

    private static TableSection Totals(RunResult run)
    {
        double? seconds = run.Seconds > 0 ? run.Seconds : null;
        TableRow Counted(string name, long count) => new(name, [Cell.Of(Unit.Count, count), Cell.Of(Unit.PerSecond, count / seconds)]);
        TableRow Sized(string name, long bytes) => new(name, [Cell.Of(Unit.Bytes, bytes), Cell.Of(Unit.BytesPerSecond, bytes / seconds)]);
        List<TableRow> rows =
        [
            .. run.IsStream ? (TableRow[])[] : [Counted("round trips", run.RoundTrips)],
            Sized("sent", run.BytesSent),
            Sized("received", run.BytesReceived),
        ];
        foreach (StatusResult status in run.Http?.Statuses ?? [])
            rows.Add(Counted(FormattableString.Invariant($"status {status.Status}"), status.Count));
        if (run.Rate is { } rate) rows.AddRange([Counted("sent late", rate.Late), Counted("due and not sent", rate.Unsent)]);
        if (run.Rate is { LateBecause: not null } known)
        {
            LateResult causes = known.Causes();
            rows.AddRange([
                Counted("late or not sent: this client", causes.Client), Counted("late or not sent: no room", causes.NoRoom),
                Counted("late or not sent: blocked send", causes.BlockedSend),
            ]);
            if (causes.NoConnection > 0) rows.Add(Counted("not sent: no connection", causes.NoConnection));
        }

        if (run.Unanswered > 0) rows.Add(Counted("unanswered", run.Unanswered));
        if (run.MessagesSentAgain is > 0 and var again) rows.Add(Counted("messages sent again", again));
        if (run.Connections.Lost > 0) rows.Add(Counted("connections lost", run.Connections.Lost));
        if (run.Connections.Replaced > 0) rows.Add(Counted("connections replaced", run.Connections.Replaced));
        if (run.Churn is { } churn)
        {
            rows.Add(Counted("connections opened", churn.Opened));
            if (churn.Resumed is { } resumed) rows.Add(Counted("of them with a resumed session", resumed));
        }

        rows.Add(Counted("mismatches", run.Mismatches));
        rows.Add(Counted("errors", run.Errors.Sum(e => e.Count)));
        return new TableSection("Totals", ["in all", "per second"], [new TableGroup(null, rows)]);
    }

    private static IEnumerable<string> Explanations(RunResult run)
    {
        if (run.IsStream)
        {
            yield return
                "Bytes are application data, without TLS and TCP. Those sent are counted when the server says that it has verified them.";
            yield break;
        }

        if (run.CorrectedLatency is not null)
        {
            yield return
                "Corrected latency runs from the moment a message should have been sent; service latency from the moment it was. "
                + "When the server stalls, messages wait their turn: the corrected latency counts that wait, as a user of the server "
                + "feels it, and the service latency does not.";
            yield return "Over time, the latencies are the corrected ones.";
        }
        else
        {
            yield return
                "In a closed loop a connection sends its next message when its echo is back. A server that stalls is then asked less, "
                + "and its latency looks better than its users would find it. A fixed rate (--rate) shows what they feel.";
        }

        yield return
            "In the curve, each nine has the same room. A step up far to the right is a rare event: "
            + "at 99.9 % one round trip of a thousand took longer.";
    }

    private static string Count(long value) => Unit.Count.Format(value);

    private static string Time(long? nanoseconds) => nanoseconds is { } ns ? Unit.Seconds.Format(ns / NanosecondsPerSecond) : "–";
}
