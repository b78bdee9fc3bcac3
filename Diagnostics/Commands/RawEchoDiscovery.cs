using System.Globalization;
using RawEcho.Diagnostics.Attach;

namespace RawEcho.Diagnostics.Commands;

/// <summary>
/// Finds the RawEcho programs to watch when none is named: one server and one client of this program's user, the ones started last; or all
/// there are. A place is free again when its process has ended.
/// </summary>
/// <param name="all">True for every process of every user.</param>
internal sealed class RawEchoDiscovery(bool all) : IDiscovery
{
    private static readonly TimeSpan Startup = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(5);

    private readonly RawEchoProcesses _processes = new(all);
    private readonly Dictionary<int, (DiagnosticsException Refusal, long At)> _refused = [];
    private readonly HashSet<int> _told = [];
    private readonly List<string> _notes = [];

    public TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(250);

    public IReadOnlyList<int> Candidates(IReadOnlySet<int> busy)
    {
        IReadOnlyList<(int Pid, string Role)> now = _processes.Now();
        foreach (int gone in _refused.Keys.Except(now.Select(p => p.Pid)).ToArray()) _refused.Remove(gone);
        // Servers before clients.
        int[] chosen =
        [
            .. now.GroupBy(p => p.Role).OrderByDescending(r => r.Key, StringComparer.Ordinal)
                .SelectMany(r => Choose(r.Key, [.. r.Select(p => p.Pid)], busy)),
        ];
        bool isAnyBusy = now.Any(p => busy.Contains(p.Pid));
        if (chosen.Length == 0 && !isAnyBusy && _refused.Count > 0 && _refused.Count == now.Count) throw _refused.Values.First().Refusal;
        return [.. chosen.Where(pid => !_refused.TryGetValue(pid, out var refused) || MayTryAgain(refused.At))];
    }

    public void Attached(DotNetProcess process) => _refused.Remove(process.Pid);

    public void Refused(int pid, DiagnosticsException refusal)
    {
        // What is only starting has no socket yet; what has ended needs no sentence.
        if (refusal.ExitCode == DiagnosticsExitCode.NoSuchProcess || ProcessAge.Of(pid, null) < Startup) return;
        _refused[pid] = (refusal, Environment.TickCount64);
        if (_told.Add(pid)) _notes.Add(refusal.Message);
    }

    public IReadOnlyList<string> NewNotes()
    {
        string[] notes = [.. _notes];
        _notes.Clear();
        return notes;
    }

    private IEnumerable<int> Choose(string role, int[] pids, IReadOnlySet<int> busy)
    {
        if (all) return pids.Where(pid => !busy.Contains(pid));
        if (pids.Any(busy.Contains)) return [];
        int[] open = [.. pids.Where(pid => !_refused.TryGetValue(pid, out var refused) || MayTryAgain(refused.At))];
        if (open.Length == 0) return [];
        int newest = open.MinBy(pid => ProcessAge.Of(pid, null) ?? TimeSpan.MaxValue);
        if (pids.Length > 1 && _told.Add(newest))
        {
            _notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{pids.Length} {role}s are running: the one started last, {newest}, is taken; name others, or use --all."));
        }

        return [newest];
    }

    private static bool MayTryAgain(long at) => Environment.TickCount64 - at >= BeforeNextTry.TotalMilliseconds;
}
