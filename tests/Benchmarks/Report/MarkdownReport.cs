using System.Globalization;
using System.Text;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Report;

/// <summary>Results as bench.md.</summary>
internal static class MarkdownReport
{
    public static string Render(BenchRun run)
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmark").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- machine: {run.Machine}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"- command: `{run.Command}`, {run.Rounds} rounds at most, servers interleaved, a fresh server each time");
        text.AppendLine(CultureInfo.InvariantCulture, $"- {run.Plan.Conditions}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- system calls: {run.SystemCalls}");
        foreach (SkippedPeer skipped in run.Skipped)
            text.AppendLine(CultureInfo.InvariantCulture, $"- left out: {skipped.Name}: {skipped.Reason}");
        AppendTargets(text, run.Verdicts);
        foreach (WorkResult result in run.Results) AppendResult(text, result);
        return text.ToString();
    }

    private static void AppendTargets(StringBuilder text, IReadOnlyList<Verdict> verdicts)
    {
        if (verdicts.Count == 0) return;
        text.AppendLine().AppendLine("## Targets").AppendLine();
        AppendTable(text, [["figure", "target", "reached", ""], .. verdicts.Select(v => new[] { v.What, v.Limit, v.Reached, v.Word })]);
    }

    private static void AppendResult(StringBuilder text, WorkResult result)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {result.Item.Name}: {result.Item.Title}").AppendLine();
        if (result.Skipped is { } reason)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Skipped: {reason}.");
            return;
        }

        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Medians of {result.Rounds} {(result.Rounds == 1 ? "round" : "rounds")}; times and counts per {result.Item.Unit}; "
                + $"{result.StealPercent:0.0} % of time stolen by the hypervisor.").AppendLine();
        AppendTable(text, Table.Medians(result));
        if (result.Rounds > 1)
        {
            text.AppendLine();
            AppendTable(text, Table.Spreads(result));
        }

        foreach (string failure in result.Failures) text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Failed: {failure}");
    }

    private static void AppendTable(StringBuilder text, List<string[]> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            text.Append("| ").AppendJoin(" | ", lines[i]).AppendLine(" |");
            if (i == 0) text.Append("| ").AppendJoin(" | ", lines[i].Select((_, column) => column == 0 ? "---" : "---:")).AppendLine(" |");
        }
    }
}
