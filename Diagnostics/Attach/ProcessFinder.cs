using System.Globalization;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>Finds the .NET processes of this machine.</summary>
internal static class ProcessFinder
{
    /// <summary>All .NET processes but this one, by PID; those that cannot be attached to have the reason with them.</summary>
    public static async Task<IReadOnlyList<DotNetProcess>> AllAsync(CancellationToken cancellation)
    {
        IEnumerable<int> candidates = OperatingSystem.IsLinux() ? ProcessTable.All() : DiagnosticSocket.Published();
        IEnumerable<Task<DotNetProcess?>> looks = candidates
            .Where(pid => pid != Environment.ProcessId)
            .Select(pid => TryLookAsync(pid, cancellation));
        return [.. (await Task.WhenAll(looks)).OfType<DotNetProcess>().OrderBy(p => p.Pid)];
    }

    /// <summary>Finds processes by PID or name.</summary>
    /// <exception cref="DiagnosticsException">One of them does not exist, or cannot be attached to.</exception>
    public static async Task<IReadOnlyList<DotNetProcess>> NamedAsync(IReadOnlyList<string> words, CancellationToken cancellation)
    {
        List<DotNetProcess> found = [];
        IReadOnlyList<DotNetProcess>? all = null;
        foreach (string word in words)
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                found.Add(await ProcessProbe.RequireAsync(pid, cancellation));
                continue;
            }

            all ??= await AllAsync(cancellation);
            DotNetProcess[] meant = [.. all.Where(p => p.IsMeantBy(word))];
            if (meant.Length == 0)
            {
                throw new DiagnosticsException(
                    DiagnosticsExitCode.NoSuchProcess,
                    $"There is no .NET process of the name '{word}': 'rawecho-diagnostics ps' lists those there are.");
            }

            DotNetProcess[] open = [.. meant.Where(p => p.Refusal is null)];
            if (open.Length == 0) throw meant[0].Refusal!;
            found.AddRange(open.Select(p => p with { FoundByName = word }));
        }

        // Given by PID and by name, in whichever order: this very process is meant.
        return [.. found.GroupBy(p => p.Pid).Select(same => same.FirstOrDefault(p => p.FoundByName is null) ?? same.First())];
    }

    // Whatever is wrong with one process is told of that one, and leaves the list of the others whole.
    private static async Task<DotNetProcess?> TryLookAsync(int pid, CancellationToken cancellation)
    {
        try
        {
            // Whether another user's process without a socket runs .NET is not known: most do not.
            return await ProcessProbe.LookAsync(pid, cancellation) is { MayBeOther: false } process ? process : null;
        }
        catch (DiagnosticsException)
        {
            // It has ended since it was listed.
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ProcessProbe.Exists(pid) ? ProcessProbe.RefuseUnreadable(pid, e) : null;
        }
    }
}
