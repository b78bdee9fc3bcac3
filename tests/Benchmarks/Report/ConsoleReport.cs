using System.Globalization;

namespace RawEcho.Benchmarks.Report;

/// <summary>Results as aligned text.</summary>
internal static class ConsoleReport
{
    public static void Write(WorkResult result, TextWriter output)
    {
        output.WriteLine($"{result.Item.Name}: {result.Item.Title}");
        if (result.Skipped is { } reason)
        {
            output.WriteLine($"  skipped: {reason}");
            return;
        }

        WriteAligned(Table.Medians(result), output);
        if (result.Rounds > 1) WriteAligned(Table.Spreads(result), output);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  medians of {result.Rounds} {(result.Rounds == 1 ? "round" : "rounds")}; times and counts per {result.Item.Unit}; "
                + $"{result.StealPercent:0.0} % of time stolen by the hypervisor"));
        foreach (string failure in result.Failures) output.WriteLine($"  FAILED: {failure}");
    }

    public static void Write(IReadOnlyList<Verdict> verdicts, TextWriter output)
    {
        if (verdicts.Count == 0) return;
        output.WriteLine("Targets:");
        WriteAligned([["", "target", "reached", ""], .. verdicts.Select(v => new[] { v.What, v.Limit, v.Reached, v.Word })], output);
    }

    private static void WriteAligned(List<string[]> lines, TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            IEnumerable<string> cells = line.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            output.WriteLine($"  {string.Join("  ", cells)}");
        }
    }
}
