using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>The result of a run of handshakes as a page.</summary>
internal static class HandshakeReportPage
{
    /// <summary>The page.</summary>
    /// <param name="run">What it shows.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(HandshakeResult run, DateTimeOffset written)
    {
        (string Name, HandshakePhaseResult Phase)[] phases =
        [
            .. new[] { ("full", run.Full), ("resumed", run.Resumed) }
                .Where(p => p.Item2 is not null).Select(p => (p.Item1, p.Item2!)),
        ];
        (string Name, LatencyResult Latency)[] handshakes = [.. phases.Select(p => (p.Name, p.Phase.HandshakeLatency))];
        (string Name, LatencyResult Latency)[] totals = [.. phases.Select(p => (p.Name, p.Phase.TotalLatency))];
        (string Name, LatencyResult Latency)[] corrected =
        [
            .. phases.Where(p => p.Phase.CorrectedLatency is not null).Select(p => (p.Name, p.Phase.CorrectedLatency!)),
        ];
        return new ReportPage
        {
            Title = $"Handshakes with {string.Join(", ", run.Servers.Select(s => s.Name))}",
            Lead = $"{PageParts.Start(run.StartedAt, run.Interrupted)}: {run.Clients} at a time.",
            Generator = PageParts.Generator,
            Written = written,
            Sections =
            [
                new HeadlineSection([.. Headlines(run, phases)]),
                PageParts.Conditions(run.Conditions),
                new ChartSection("Distribution", [.. Curves(handshakes, totals)]),
                new RowSection([LatencyParts.Table("Handshake", handshakes), LatencyParts.Table("With connect and echo", totals)]),
                new RowSection(corrected.Length > 0 ? [LatencyParts.Table("From when each was to begin", corrected)] : []),
                Counts(phases),
                PageParts.ErrorNotes(run.Errors),
                new FactSection("Settings", [.. Settings(run)]),
                new NoteSection("How to read it",
                [
                    "The handshake runs from the TCP connection to its end on this side; of the resumed ones, those that really resumed. "
                    + "The other time runs from the start of the TCP connect to the echo of one byte, or to the end of a response.",
                    .. run.Rate is null
                        ? (string[])[]
                        : ["With a rate, the corrected time begins when a handshake was to begin: waiting for a place is in it."],
                ]),
            ],
        };
    }

    private static IEnumerable<Headline> Headlines(HandshakeResult run, IEnumerable<(string Name, HandshakePhaseResult Phase)> phases)
    {
        foreach ((string name, HandshakePhaseResult phase) in phases)
        {
            string rate = phase.HandshakesPerSecond is { } perSecond ? Unit.PerSecond.Format(perSecond) : "–";
            string title = char.ToUpperInvariant(name[0]) + name[1..];
            yield return new Headline(title, rate, $"{Unit.Count.Format(phase.Handshakes)} handshakes");
        }

        yield return PageParts.Errors(run.Errors);
    }

    private static IEnumerable<Chart> Curves(
        (string Name, LatencyResult Latency)[] handshakes, (string Name, LatencyResult Latency)[] totals)
    {
        if (!Array.Exists(totals, t => t.Latency.Count > 0)) yield break;
        yield return LatencyParts.Curves("Handshake by percentile", "How long the handshakes took.", handshakes);
        yield return LatencyParts.Curves("Connect, handshake and echo by percentile", "How long a new connection took in all.", totals);
    }

    private static TableSection Counts(IReadOnlyCollection<(string Name, HandshakePhaseResult Phase)> phases)
    {
        TableRow Row(string name, Unit unit, Func<HandshakePhaseResult, double?> value) =>
            new(name, [.. phases.Select(p => Cell.Of(unit, value(p.Phase)))]);
        TableRow[] rows =
        [
            Row("handshakes", Unit.Count, p => p.Handshakes),
            Row("handshakes per second", Unit.PerSecond, p => p.HandshakesPerSecond),
            Row("really resumed", Unit.Count, p => p.ReallyResumed),
            Row("time", Unit.Seconds, p => p.Seconds),
            .. phases.All(p => p.Phase.Rate is not null)
                ? [Row("begun late", Unit.Count, p => p.Rate!.Late), Row("due and not begun", Unit.Count, p => p.Rate!.Unsent)]
                : (TableRow[])[],
        ];
        return new TableSection("Totals", [.. phases.Select(p => p.Name)], [new TableGroup(null, rows)]);
    }

    private static IEnumerable<Fact> Settings(HandshakeResult run)
    {
        foreach (Fact server in PageParts.Servers(run.Servers)) yield return server;
        yield return new("TLS", run.Negotiated is { } tls ? $"{run.Tls}, {tls.Protocol}, {tls.CipherSuite}" : run.Tls);
        yield return new(run.Rate is null ? "handshakes at a time" : "handshakes at a time, at most", Unit.Count.Format(run.Clients));
        if (run.Rate is { } rate) yield return new("handshakes a second", Unit.PerSecond.Format(rate));
        yield return PageParts.Machine(run.Machine);
    }
}
