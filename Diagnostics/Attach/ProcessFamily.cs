using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// A process and its descendants. A daemon, whose parents have ended, belongs to it too: an environment variable that is inherited marks
/// the family. Each process is looked at once.
/// </summary>
/// <param name="root">The PID of the first.</param>
/// <param name="mark">The value of <see cref="MarkVariable"/> in the environment of the first.</param>
internal sealed class ProcessFamily(int root, string mark)
{
    public const string MarkVariable = "RAWECHO_RECORDED_BY";

    private readonly Dictionary<int, bool> _isMember = [];

    /// <summary>The members that run now. To be called by one thread at a time.</summary>
    public IReadOnlyList<int> Members()
    {
        if (!OperatingSystem.IsLinux()) return [root];
        HashSet<int> running = [.. ProcessTable.All()];
        foreach (int gone in _isMember.Keys.Where(pid => !running.Contains(pid)).ToArray()) _isMember.Remove(gone);
        foreach (int pid in running.Where(pid => !_isMember.ContainsKey(pid)).Order()) _isMember[pid] = IsMember(pid);
        return [.. _isMember.Where(m => m.Value).Select(m => m.Key)];
    }

    private bool IsMember(int pid)
    {
        if (pid == root) return true;
        if (ProcStat.Of(pid) is { } stat && _isMember.GetValueOrDefault(stat.Parent)) return true;
        return ProcFile.Read(pid, "environ") is { } environment && DiagnosticSocket.Variable(environment, MarkVariable) == mark;
    }
}
