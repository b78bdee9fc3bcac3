using RawEcho.Diagnostics.Attach;

namespace RawEcho.Diagnostics.Commands;

/// <summary>Finds processes to attach to while others are watched already. Used by one thread at a time.</summary>
internal interface IDiscovery
{
    /// <summary>How often to look.</summary>
    TimeSpan Interval { get; }

    /// <summary>The processes to attach to now. No runtime is asked, so that none can hold this up.</summary>
    /// <returns>Their PIDs, in the order in which they are to be shown.</returns>
    /// <param name="busy">PIDs that are watched, or just being attached to.</param>
    /// <exception cref="DiagnosticsException">None can be attached to, and none is watched: the message says why.</exception>
    IReadOnlyList<int> Candidates(IReadOnlySet<int> busy);

    /// <summary>A process was attached to.</summary>
    void Attached(DotNetProcess process);

    /// <summary>A process cannot be attached to.</summary>
    void Refused(int pid, DiagnosticsException refusal);

    /// <summary>Sentences for the user that are new since the last call.</summary>
    IReadOnlyList<string> NewNotes();
}
