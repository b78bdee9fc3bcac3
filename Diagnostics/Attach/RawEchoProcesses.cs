using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// The processes that carry the name of a RawEcho program. No runtime is asked: this is repeated while waiting, and must not disturb other
/// programs. Each process is looked at once. To be used by one thread at a time.
/// </summary>
/// <param name="ofAllUsers">False for those of this program's user alone.</param>
internal sealed class RawEchoProcesses(bool ofAllUsers)
{
    private readonly Dictionary<int, string?> _roles = [];

    /// <summary>PID and role of those that run and share this program's temporary folder, in which their sockets are.</summary>
    public IReadOnlyList<(int Pid, string Role)> Now()
    {
        HashSet<int> published = [.. DiagnosticSocket.Published()];
        HashSet<int> running = OperatingSystem.IsLinux() ? [.. ProcessTable.All()] : published;
        foreach (int gone in _roles.Keys.Where(pid => !running.Contains(pid)).ToArray()) _roles.Remove(gone);
        foreach (int pid in running.Where(pid => pid != Environment.ProcessId && !_roles.ContainsKey(pid)))
        {
            string? role = RoleOf(pid, published);
            // A process that was just forked still has the name of its parent.
            if (role is not null || ProcessAge.Of(pid, null) > TimeSpan.FromSeconds(1)) _roles[pid] = role;
        }

        return [.. _roles.Where(r => r.Value is not null && ProcessProbe.Exists(r.Key)).Select(r => (r.Key, r.Value!))];
    }

    private string? RoleOf(int pid, HashSet<int> published)
    {
        if (Roles.Of(ProcessProbe.NameOf(pid)) is not { } role) return null;
        if (!OperatingSystem.IsLinux()) return role;
        if (!ofAllUsers && Users.NumberOf(pid) != Users.NumberOf(Environment.ProcessId)) return null;
        bool isHere = DiagnosticSocket.TemporaryFolderOf(pid) is { } folder
            ? Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(Path.GetTempPath())
            : published.Contains(pid);
        return isHere ? role : null;
    }
}
