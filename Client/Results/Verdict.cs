using System.Globalization;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Results;

/// <summary>Evaluates a result by --fail-if, and says to the user what went wrong.</summary>
internal static class Verdict
{
    /// <summary>Adds what the conditions came to. A run that has failed anyway keeps its exit code.</summary>
    public static RunResult Evaluate(RunResult result, IEnumerable<FailCondition> conditions) => Evaluate(result, conditions, [], null);

    /// <summary>The same of a run that may have ended by a condition.</summary>
    /// <param name="result">What was measured.</param>
    /// <param name="conditions">Those of --fail-if.</param>
    /// <param name="aborts">Those of --abort-if: one that holds at the end only has ended nothing, and the run has failed by it.</param>
    /// <param name="aborted">The one that ended the run; null for none.</param>
    public static RunResult Evaluate(
        RunResult result, IEnumerable<FailCondition> conditions, IEnumerable<FailCondition> aborts, ConditionResult? aborted)
    {
        if (aborted is not null) result = result with { Aborted = true };
        ConditionResult Ask(FailCondition condition) => condition.Evaluate(m => RunMetrics.Find(result, m), result.Incomplete());
        ConditionResult[] evaluated =
        [
            .. aborted is not null ? [aborted] : aborts.Select(Ask).Where(c => c.Met == true),
            .. conditions.Select(Ask),
        ];
        return result with { Conditions = evaluated, ExitCode = ExitCodeOf(result.ExitCode, evaluated) };
    }

    /// <summary>The code of what failed first: the run itself, or a condition. One that cannot be decided was not passed.</summary>
    public static int ExitCodeOf(int exitCode, IEnumerable<ConditionResult> conditions) =>
        exitCode == ExitCode.Success && conditions.Any(c => c.Met != false) ? ExitCode.ConditionMet : exitCode;

    /// <summary>The code of a command that was to measure: what failed, or that it was interrupted before it was over.</summary>
    public static int ExitCodeOf(FailureList failures, bool interrupted) =>
        failures.ExitCode is not ExitCode.Success and var failed ? failed : interrupted ? ExitCode.Interrupted : ExitCode.Success;

    /// <summary>Each kind of error once, with its count and its first example, and each condition with PASS or FAIL.</summary>
    /// <param name="errors">The errors.</param>
    /// <param name="conditions">The conditions.</param>
    /// <param name="stopped">See <see cref="IClientResult.StoppedClients"/>.</param>
    public static IEnumerable<string> Lines(
        IEnumerable<ErrorResult> errors, IEnumerable<ConditionResult> conditions, int? stopped = null) =>
        errors.Select((error, i) => $"rawecho-client: {Describe(error, stopped, isFirst: i == 0)}. {error.First}")
            .Concat(conditions.Select(
                c => $"rawecho-client: {(c.Met == false ? "PASS" : "FAIL")}: {c.Option} {c.Condition}: {Outcome(c)}."));

    /// <summary>Writes <see cref="Lines"/> on standard error.</summary>
    public static void Write(IClientResult result)
    {
        foreach (string line in Lines(result.Errors, result.Conditions, result.StoppedClients)) StandardStreams.WriteErrorLine(line);
    }

    private static string Outcome(ConditionResult condition) => condition switch
    {
        { Undecided: { } why, Actual: { } actual } => $"it cannot be decided, because {why}; it was {actual} so far",
        { Undecided: { } why } => $"it cannot be decided, because {why}",
        { EndedAtSeconds: { } second } =>
            string.Create(CultureInfo.InvariantCulture, $"it was {condition.Actual} at {second} s, and ended the run"),
        _ => $"it was {condition.Actual}",
    };

    // A client that was replaced (--reconnect) may have failed more than once.
    private static string Describe(ErrorResult error, int? stopped, bool isFirst)
    {
        if (stopped > 1)
        {
            string what = error.ExitCode == ExitCode.TlsRefused ? "refusal" : "failure";
            return isFirst ? $"{stopped} clients; stopped at the first {what}: {error.Kind}" : $"others: {error.Kind}";
        }

        string count = Quantity.Count(error.Count, error.ExitCode is ExitCode.Network or ExitCode.TlsRefused ? "attempt" : "connection");
        return error.Clients switch
        {
            null => $"{count}: {error.Kind}",
            { } clients when clients == error.Count => $"{Quantity.Count(clients, "client")}: {error.Kind}",
            { } clients => $"{Quantity.Count(clients, "client")}: {error.Kind} ({count})",
        };
    }
}
