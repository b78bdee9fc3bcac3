using System.Text.Json;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Merge;

/// <summary>Reads results that were written with --json or --json-lines.</summary>
internal static class ResultFile
{
    /// <summary>Reads the one run of a file, which is its result or lines of --json-lines.</summary>
    /// <exception cref="CommandException">The file is missing, unreadable, or something else; the message says what.</exception>
    public static RunResult Read(string file)
    {
        List<RunResult> runs = ReadAll(file, value => Header(file, value).Kind switch
        {
            "run" => [ReadRun(file, value)],
            var kind => throw Refuse(file, $"is a result of '{kind}', and only results of 'run' can be merged"),
        });
        return runs is [var run] ? run : throw Refuse(file, "holds several results: to be merged, each run needs a file of its own");
    }

    /// <summary>
    /// Reads all runs of a file: results of a run or of a series of them (--repeat), one after the other, or lines of --json-lines.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<RunResult> ReadRuns(string file) => ReadAll(file, value => Header(file, value).Kind switch
    {
        "run" => [ReadRun(file, value)],
        "repeat" => [.. value.GetProperty("runs").EnumerateArray().Select(r => ReadRun(file, r))],
        var kind => throw Refuse(file, $"is a result of '{kind}', and only results of 'run' can be compared"),
    });

    private static List<RunResult> ReadAll(string file, Func<JsonElement, RunResult[]> runsOf) => Understand(file, () =>
    {
        var runs = new List<RunResult>();
        var reader = new Utf8JsonReader(ReadBytes(file), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (ResultIn(document.RootElement) is { } result) runs.AddRange(runsOf(result));
        }

        return runs.Count > 0 ? runs : throw Refuse(file, "holds no result of a run");
    });

    // Of lines of --json-lines one has the result.
    private static JsonElement? ResultIn(JsonElement value) => TypeOfLine(value) switch
    {
        null => value,
        ResultLine.TypeName => value.GetProperty("result"),
        _ => null,
    };

    // Only a line of --json-lines has a type.
    private static string? TypeOfLine(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out JsonElement type) ? type.GetString() : null;

    private static byte[] ReadBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse(file, File.Exists(file) ? "cannot be read" : "is missing");
        }
    }

    private static ResultHeader Header(string file, JsonElement value)
    {
        ResultHeader? header = value.Deserialize(ResultJson.Default.ResultHeader);
        if (header?.Format != RunResult.FormatName) throw Refuse(file, "is JSON, but no result of rawecho-client");
        return header.Version == RunResult.CurrentVersion
            ? header
            : throw Refuse(
                file, $"has version {header.Version} of the format, and this program knows version {RunResult.CurrentVersion}");
    }

    private static RunResult ReadRun(string file, JsonElement value)
    {
        try
        {
            RunResult result = value.Deserialize(ResultJson.Default.RunResult)!;
            if (!IsSoundMember(result)) throw Refuse(file, "contradicts itself: it is of a fleet, and lacks the start or the member");
            return IsSound(result) ? result : throw Refuse(file, "contradicts itself: its counts and its histograms do not agree");
        }
        catch (JsonException e)
        {
            throw Refuse(file, $"is damaged: {Where(e)}");
        }
    }

    private static T Understand<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // The last two: a value is of another type than the member that says what it is.
            throw Refuse(file, "is no result of rawecho-client, or no JSON at all");
        }
    }

    private static bool IsSound(RunResult result) =>
        result.ServiceLatency.IsSound() && result.CorrectedLatency?.IsSound() != false
        && result.ServiceLatency.Count == result.RoundTrips && (result.Rate is null) == (result.CorrectedLatency is null)
        && result.Seconds >= 0 && result.Settings.Clients > 0;

    private static bool IsSoundMember(RunResult result) => result.Fleet is null
        || (result.Start is not null && result.Fleet.Members > 0
            && (result.Merged is { } merged ? merged.Any(m => m.FleetMember is not null) : result.Fleet.Member is not null));

    private static string Where(JsonException e) => e.Path is null or "$"
        ? "it lacks a member that every result has"
        : $"'{e.Path}' is not as it should be";

    private static CommandException Refuse(string file, string why) => new(ExitCode.Usage, $"{file} {why}.");
}
