using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Attach;

/// <summary>A .NET process on this machine, and whether it can be attached to.</summary>
/// <param name="Description">What is known of it.</param>
/// <param name="Refusal">Why attaching is not possible; null when it is.</param>
/// <param name="Address">Its diagnostics socket or pipe; null when there is none.</param>
internal sealed record DotNetProcess(ProcessDescription Description, DiagnosticsException? Refusal, string? Address)
{
    public int Pid => Description.Pid;

    /// <summary>True for another user's process of which nothing says that it runs .NET.</summary>
    public bool MayBeOther { get; init; }

    /// <summary>The name on the command line that it was found by, which others may have too; null where its PID was given.</summary>
    public string? FoundByName { get; init; }

    /// <summary>Whether a word on the command line names this process: by its program's name, or by its role.</summary>
    public bool IsMeantBy(string word)
    {
        string bare = word.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) || word.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? word[..^4]
            : word;
        return string.Equals(bare, Description.Name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(bare, Description.Role, StringComparison.OrdinalIgnoreCase);
    }
}
