using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawEcho.Benchmarks.Report;

/// <summary>Results as bench.json, with the value of every round.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A file, not a web page: "/" and "+" may stay as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Render(BenchRun run) => JsonSerializer.Serialize(
        new
        {
            run.Machine,
            run.Command,
            run.Rounds,
            run.SystemCalls,
            run.Skipped,
            Targets = run.Verdicts,
            Work = run.Results.Select(Describe),
        },
        Options);

    private static object Describe(WorkResult result) => new
    {
        result.Item.Name,
        result.Item.Title,
        result.Item.Unit,
        result.Skipped,
        result.Rounds,
        result.StealPercent,
        result.Failures,
        Rows = result.Rows.Select(row => new
        {
            row.Name,
            row.Title,
            Figures = row.Values.ToDictionary(
                f => f.Key.Name,
                f => new
                {
                    row.Spread(f.Key)!.Median,
                    row.Spread(f.Key)!.Min,
                    row.Spread(f.Key)!.Max,
                    Ratio = result.Ratio(row, f.Key),
                    Rounds = f.Value,
                }),
        }),
    };
}
