using RawEcho.Diagnostics.Attach;

namespace RawEcho.Diagnostics.Commands;

/// <summary>Finds a program that was started to be recorded, and what it starts.</summary>
internal sealed class FamilyDiscovery(ChildProgram child) : IDiscovery
{
    /// <summary>A runtime opens its socket some 30 ms after its start; what comes before the first look is not recorded.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(25);

    public IReadOnlyList<int> Candidates(IReadOnlySet<int> busy) =>
        [.. child.Family.Members().Where(pid => !busy.Contains(pid) && DiagnosticSocket.Find(pid) is not null)];

    public void Attached(DotNetProcess process) => child.CountAttached();

    public void Refused(int pid, DiagnosticsException refusal)
    {
        // It is starting or ending, and is asked again.
    }

    public IReadOnlyList<string> NewNotes() => [];
}
