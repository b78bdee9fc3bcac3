using System.Text.Json;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Merge;

/// <summary>Reads results that were written with --json.</summary>
internal static class ResultFile
{
    /// <summary>Reads the result of a run.</summary>
    /// <exception cref="CommandException">The file is missing, unreadable, or something else; the message says what.</exception>
    public static RunResult Read(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse(file, File.Exists(file) ? "cannot be read" : "is missing");
        }

        bool isResult = false;
        try
        {
            ResultHeader? header = JsonSerializer.Deserialize(bytes, ResultJson.Default.ResultHeader);
            if (header?.Format != RunResult.FormatName) throw Refuse(file, "is JSON, but no result of rawecho-client");
            if (header.Version != RunResult.CurrentVersion)
            {
                throw Refuse(
                    file, $"has version {header.Version} of the format, and this program knows version {RunResult.CurrentVersion}");
            }

            if (header.Kind != "run") throw Refuse(file, $"is a result of '{header.Kind}', and only results of 'run' can be merged");
            isResult = true;
            RunResult result = JsonSerializer.Deserialize(bytes, ResultJson.Default.RunResult)!;
            if (!IsSound(result)) throw Refuse(file, "contradicts itself: its counts and its histograms do not agree");
            return result;
        }
        catch (JsonException e)
        {
            throw Refuse(file, isResult ? $"is damaged: {Where(e)}" : "is no result of rawecho-client, or no JSON at all");
        }
    }

    private static bool IsSound(RunResult result) =>
        result.ServiceLatency.IsSound() && result.CorrectedLatency?.IsSound() != false
        && result.ServiceLatency.Count == result.RoundTrips && (result.Rate is null) == (result.CorrectedLatency is null)
        && result.Seconds >= 0 && result.Settings.Clients > 0;

    private static string Where(JsonException e) => e.Path is null or "$"
        ? "it lacks a member that every result has"
        : $"'{e.Path}' is not as it should be";

    private static CommandException Refuse(string file, string why) => new(ExitCode.Usage, $"{file} {why}.");
}
