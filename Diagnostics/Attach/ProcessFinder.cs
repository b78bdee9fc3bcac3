using System.Diagnostics;
using System.Globalization;

namespace RawEcho.Diagnostics.Attach;

/// <summary>Finds the .NET processes of this machine.</summary>
internal static class ProcessFinder
{
    /// <summary>All .NET processes but this one, by PID; those that cannot be attached to have the reason with them.</summary>
    public static async Task<IReadOnlyList<DotNetProcess>> AllAsync(CancellationToken cancellation)
    {
        HashSet<int> published = [.. DiagnosticSocket.Published()];
        int[] candidates = OperatingSystem.IsLinux() ? Running() : [.. published];
        IEnumerable<Task<DotNetProcess?>> looks = candidates
            .Where(pid => pid != Environment.ProcessId)
            .Select(pid => TryLookAsync(pid, published.Contains(pid), cancellation));
        return [.. (await Task.WhenAll(looks)).OfType<DotNetProcess>().OrderBy(p => p.Pid)];
    }

    /// <summary>The RawEcho programs that this program can attach to.</summary>
    public static async Task<IReadOnlyList<DotNetProcess>> RawEchoAsync(IReadOnlySet<int> except, CancellationToken cancellation)
    {
        // Only processes with the right name are queried: this is repeated while waiting, and must not disturb other programs.
        IEnumerable<Task<DotNetProcess?>> looks = DiagnosticSocket.Published()
            .Where(pid => pid != Environment.ProcessId && !except.Contains(pid) && ProcessProbe.Exists(pid))
            .Where(pid => Roles.Of(ProcessProbe.NameOf(pid)) is not null)
            .Select(pid => TryLookAsync(pid, isPublished: true, cancellation));
        IEnumerable<DotNetProcess> open = (await Task.WhenAll(looks)).OfType<DotNetProcess>().Where(p => p.Refusal is null);
        return [.. open.Where(p => p.Description.Role is not null).OrderBy(p => p.Description.Started)];
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
            found.AddRange(open);
        }

        return [.. found.DistinctBy(p => p.Pid)];
    }

    private static int[] Running()
    {
        Process[] all = Process.GetProcesses();
        int[] numbers = [.. all.Select(p => p.Id)];
        foreach (Process process in all) process.Dispose();
        return numbers;
    }

    private static async Task<DotNetProcess?> TryLookAsync(int pid, bool isPublished, CancellationToken cancellation)
    {
        try
        {
            DotNetProcess? process = await ProcessProbe.LookAsync(pid, cancellation);
            // Whether another user's process without a socket runs .NET is not known: most do not.
            return process is { Refusal.ExitCode: DiagnosticsExitCode.WrongUser } && !isPublished ? null : process;
        }
        catch (DiagnosticsException)
        {
            // It has ended since it was listed.
            return null;
        }
    }
}
