namespace RawEcho.Client.Results;

/// <summary>What the results of all commands that load a server have in common.</summary>
internal interface IClientResult
{
    /// <summary>What went wrong, by kind.</summary>
    IReadOnlyList<ErrorResult> Errors { get; }

    /// <summary>What --fail-if asked.</summary>
    IReadOnlyList<ConditionResult> Conditions { get; }

    int ExitCode { get; }

    /// <summary>
    /// How many clients there were to be, when the command stopped at the first failure before it measured anything: how many of them had
    /// failed by then is chance. Null otherwise.
    /// </summary>
    int? StoppedClients { get; }
}
