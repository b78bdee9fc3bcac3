using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Results;

/// <summary>Evaluates a result by --fail-if, and says to the user what went wrong.</summary>
internal static class Verdict
{
    /// <summary>Adds what the conditions came to. A run that has failed anyway keeps its exit code.</summary>
    public static RunResult Evaluate(RunResult result, IEnumerable<FailCondition> conditions)
    {
        ConditionResult[] evaluated = [.. conditions.Select(c => c.Evaluate(metric => RunMetrics.Find(result, metric)))];
        return result with { Conditions = evaluated, ExitCode = ExitCodeOf(result.ExitCode, evaluated) };
    }

    /// <summary>The code of what failed first: the run itself, or a condition.</summary>
    public static int ExitCodeOf(int exitCode, IEnumerable<ConditionResult> conditions) =>
        exitCode == ExitCode.Success && conditions.Any(c => c.Met) ? ExitCode.ConditionMet : exitCode;

    /// <summary>Each kind of error once, with its count and its first example, and each condition that was met.</summary>
    public static IEnumerable<string> Lines(IEnumerable<ErrorResult> errors, IEnumerable<ConditionResult> conditions) =>
        errors.Select(error => $"rawecho-client: {Describe(error)}. {error.First}")
            .Concat(conditions.Where(c => c.Met).Select(c => $"rawecho-client: --fail-if {c.Condition}: it was {c.Actual}."));

    /// <summary>Writes <see cref="Lines"/> on standard error.</summary>
    public static void Write(IEnumerable<ErrorResult> errors, IEnumerable<ConditionResult> conditions)
    {
        foreach (string line in Lines(errors, conditions)) StandardStreams.WriteErrorLine(line);
    }

    // A client that was replaced (--reconnect) may have failed more than once.
    private static string Describe(ErrorResult error)
    {
        string count = Quantity.Count(error.Count, error.ExitCode is ExitCode.Network or ExitCode.TlsRefused ? "attempt" : "connection");
        return error.Clients switch
        {
            null => $"{count}: {error.Kind}",
            { } clients when clients == error.Count => $"{Quantity.Count(clients, "client")}: {error.Kind}",
            { } clients => $"{Quantity.Count(clients, "client")}: {error.Kind} ({count})",
        };
    }
}
