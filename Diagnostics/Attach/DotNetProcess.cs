using System.Globalization;
using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Attach;

/// <summary>A .NET process on this machine: one to attach to, or one with the reason why not.</summary>
/// <param name="Description">What is known of it.</param>
/// <param name="Refusal">Why one may not attach; null when one may.</param>
/// <param name="Address">Its diagnostics socket or pipe; null when there is none.</param>
internal sealed record DotNetProcess(ProcessDescription Description, DiagnosticsException? Refusal, string? Address)
{
    private const int FirstWithRuntimeMeter = 9;

    public int Pid => Description.Pid;

    /// <summary>Whether it waits for its first instruction, until this program lets it go.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>Whether its runtime publishes the meter System.Runtime: .NET 9 and later.</summary>
    public bool HasRuntimeMeter =>
        Description.Runtime?.Split(' ')[^1].Split('.')[0] is { } major && int.TryParse(major, CultureInfo.InvariantCulture, out int number)
            && number >= FirstWithRuntimeMeter;

    /// <summary>Whether this is who a user means by a word: the program's name, or its role.</summary>
    public bool IsMeantBy(string word)
    {
        string bare = word.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) || word.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? word[..^4]
            : word;
        return string.Equals(bare, Description.Name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(bare, Description.Role, StringComparison.OrdinalIgnoreCase);
    }
}
