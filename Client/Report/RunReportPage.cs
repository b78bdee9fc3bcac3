using System.Globalization;
using RawEcho.Charts;

namespace RawEcho.Client.Report;

/// <summary>Puts a <see cref="RunReport"/> on a page.</summary>
internal static class RunReportPage
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>The page.</summary>
    /// <param name="report">What it shows.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(RunReport report, DateTimeOffset written) => new()
    {
        Title = $"Load on {report.Target}",
        Lead = Lead(report),
        Generator = report.Tool,
        Written = written,
        Sections =
        [
            new HeadlineSection([.. Headlines(report)]),
            new NoteSection("Conditions", [.. report.Conditions.Select(Condition)]),
            new ChartSection("Over time", [.. RunCharts.OverTime(report)]),
            new ChartSection("Distribution", [RunCharts.ByPercentile(report)]),
            new RowSection([Latencies(report), Totals(report)]),
            new NoteSection("Errors", [.. report.Errors.Select(Error)]),
            new FactSection("Settings", [.. report.Settings.Select(s => new Fact(s.Name, s.Value))]),
            new NoteSection("How to read it", [.. Explanations(report)]),
        ],
    };

    private static string Lead(RunReport report)
    {
        string how = report.TargetRate is { } rate
            ? $"asked for {Unit.PerSecond.Format(rate)} over {Connections(report)} (open loop)"
            : $"{Connections(report)}, each as fast as its echoes come back (closed loop)";
        string length = Unit.Seconds.Format(report.Elapsed.TotalSeconds);
        string started = report.Started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        return $"{started}, {length}{(report.Interrupted ? " (interrupted)" : string.Empty)}: {how}.";
    }

    private static string Connections(RunReport report) => report.Connections == 1 ? "1 connection" : $"{Count(report.Connections)} connections";

    private static IEnumerable<Headline> Headlines(RunReport report)
    {
        double rate = report.Elapsed > TimeSpan.Zero ? report.Totals.RoundTrips / report.Elapsed.TotalSeconds : 0;
        yield return new Headline("Throughput", $"{Count((long)Math.Round(rate))}/s", report.TargetRate is { } asked
            ? $"of {Unit.PerSecond.Format(asked)} asked for"
            : "round trips");
        LatencySummary felt = report.Corrected ?? report.Service;
        string name = report.Corrected is null ? "Latency" : "Corrected latency";
        foreach (PercentileValue p in felt.Percentiles.Where(p => p.Percentile is 50 or 99))
            yield return new Headline($"{name} p{p.Percentile:0.##}", Time(felt.Count == 0 ? null : p.Ns));
        yield return new Headline($"{name} max", Time(felt.Count == 0 ? null : felt.MaxNs));
        if (report.Totals.SentLate is { } late)
        {
            long notSent = report.Totals.NotSent ?? 0;
            yield return new Headline("Sent late", Count(late), $"and {Count(notSent)} never sent", IsBad: late + notSent > 0);
        }

        yield return new Headline("Errors", Count(report.Totals.Errors), $"{Count(report.Totals.Mismatches)} mismatches", IsBad: report.Totals.Errors > 0);
    }

    private static TableSection Latencies(RunReport report)
    {
        (string Name, LatencySummary Summary)[] columns = report.Corrected is { } corrected
            ? [("corrected", corrected), ("service", report.Service)]
            : [("latency", report.Service)];
        IEnumerable<TableRow> percentiles = report.Service.Percentiles.Select((p, i) => new TableRow(
            string.Create(CultureInfo.InvariantCulture, $"p{p.Percentile:0.####}"),
            [.. columns.Select(c => Cell.Of(Unit.Seconds, c.Summary.Count == 0 ? null : c.Summary.Percentiles[i].Ns / NanosecondsPerSecond))]));
        return new TableSection("Latency", [.. columns.Select(c => c.Name)],
        [
            new TableGroup(null,
            [
                .. percentiles,
                new TableRow("max", [.. columns.Select(c => Cell.Of(Unit.Seconds, c.Summary.Count == 0 ? null : c.Summary.MaxNs / NanosecondsPerSecond))]),
                new TableRow("values", [.. columns.Select(c => Cell.Of(Unit.Count, c.Summary.Count))]),
            ]),
        ]);
    }

    private static TableSection Totals(RunReport report)
    {
        RunTotals totals = report.Totals;
        double? seconds = report.Elapsed > TimeSpan.Zero ? report.Elapsed.TotalSeconds : null;
        TableRow Counted(string name, long count) => new(name, [Cell.Of(Unit.Count, count), Cell.Of(Unit.PerSecond, count / seconds)]);
        TableRow Sized(string name, long bytes) => new(name, [Cell.Of(Unit.Bytes, bytes), Cell.Of(Unit.BytesPerSecond, bytes / seconds)]);
        List<TableRow> rows = [Counted("round trips", totals.RoundTrips), Sized("sent", totals.BytesSent), Sized("received", totals.BytesReceived)];
        if (totals.SentLate is { } late) rows.Add(Counted("sent late", late));
        if (totals.NotSent is { } notSent) rows.Add(Counted("due and not sent", notSent));
        if (totals.Unanswered > 0) rows.Add(Counted("unanswered", totals.Unanswered));
        if (totals.ConnectionsLost > 0) rows.Add(Counted("connections lost", totals.ConnectionsLost));
        if (totals.ConnectionsReplaced > 0) rows.Add(Counted("connections replaced", totals.ConnectionsReplaced));
        rows.Add(Counted("mismatches", totals.Mismatches));
        rows.Add(Counted("errors", totals.Errors));
        return new TableSection("Totals", ["in all", "per second"], [new TableGroup(null, rows)]);
    }

    private static IEnumerable<string> Explanations(RunReport report)
    {
        if (report.Corrected is not null)
        {
            yield return "Corrected latency runs from the moment a message should have been sent; service latency from the moment it was. When the server stalls, "
                + "messages wait their turn: the corrected latency counts that wait, as a user of the server feels it, and the service latency does not.";
            yield return "Over time, the latencies are the corrected ones.";
        }
        else
        {
            yield return "In a closed loop a connection sends its next message when its echo is back. A server that stalls is then asked less, and its latency "
                + "looks better than its users would find it. A fixed rate (--rate) shows what they feel.";
        }

        yield return "In the curve, each nine has the same room. A step up far to the right is a rare event: at 99.9 % one round trip of a thousand took longer.";
    }

    private static string Condition(RunCondition condition) => $"{(condition.Failed ? "⚠ Failed" : "Held")}: --fail-if '{condition.Text}', seen {condition.Actual}.";

    private static string Error(RunError error) => $"{Count(error.Count)} × {error.Kind}. The first: {error.FirstExample}";

    private static string Count(long value) => value.ToString("#,##0", CultureInfo.InvariantCulture);

    private static string Time(long? nanoseconds) => nanoseconds is { } ns ? Unit.Seconds.Format(ns / NanosecondsPerSecond) : "–";
}
