using RawEcho.CommandLine;

namespace RawEcho.Client.Results;

/// <summary>Judges a result by --fail-if, and says to the user what went wrong.</summary>
internal static class Verdict
{
    /// <summary>Adds what the conditions came to. A run that has failed anyway keeps its exit code.</summary>
    public static RunResult Judge(RunResult result, IEnumerable<FailCondition> conditions)
    {
        ConditionResult[] judged = [.. conditions.Select(c => c.Judge(metric => RunMetrics.Find(result, metric)))];
        return result with { Conditions = judged, ExitCode = ExitCodeOf(result.ExitCode, judged) };
    }

    /// <summary>The code of what failed first: the run itself, or a condition.</summary>
    public static int ExitCodeOf(int exitCode, IEnumerable<ConditionResult> conditions) =>
        exitCode == ExitCode.Success && conditions.Any(c => c.Met) ? ExitCode.ConditionMet : exitCode;

    /// <summary>Each kind of error once, with its count and its first example, and each condition that was met.</summary>
    public static void Write(IEnumerable<ErrorResult> errors, IEnumerable<ConditionResult> conditions, TextWriter output)
    {
        foreach (ErrorResult error in errors)
            output.WriteLine($"rawecho-client: {Describe(error)}. {error.First}");
        foreach (ConditionResult condition in conditions.Where(c => c.Met))
            output.WriteLine($"rawecho-client: --fail-if {condition.Condition}: it was {condition.Actual}.");
    }

    // A client that was replaced (--reconnect) may have failed more than once.
    private static string Describe(ErrorResult error)
    {
        string count = Show.Count(error.Count, error.ExitCode is ExitCode.Network or ExitCode.TlsRefused ? "attempt" : "connection");
        return error.Clients switch
        {
            null => $"{count}: {error.Kind}",
            { } clients when clients == error.Count => $"{Show.Count(clients, "client")}: {error.Kind}",
            { } clients => $"{Show.Count(clients, "client")}: {error.Kind} ({count})",
        };
    }
}
