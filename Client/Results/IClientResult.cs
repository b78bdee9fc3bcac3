namespace RawEcho.Client.Results;

/// <summary>What the results of all commands that load a server have in common.</summary>
internal interface IClientResult
{
    /// <summary>What went wrong, by kind.</summary>
    IReadOnlyList<ErrorResult> Errors { get; }

    /// <summary>What --fail-if asked.</summary>
    IReadOnlyList<ConditionResult> Conditions { get; }

    int ExitCode { get; }
}
