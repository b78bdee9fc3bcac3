using System.Diagnostics;
using System.Globalization;

namespace RawEcho.Diagnostics.Attach;

/// <summary>Finds the .NET processes of this machine.</summary>
internal static class ProcessFinder
{
    /// <summary>All of them, by PID, this program left out: those to attach to, and those with the reason why not.</summary>
    public static async Task<IReadOnlyList<DotNetProcess>> AllAsync(CancellationToken cancellation)
    {
        HashSet<int> published = [.. DiagnosticSocket.Published()];
        int[] candidates = OperatingSystem.IsLinux() ? Running() : [.. published];
        IEnumerable<Task<DotNetProcess?>> looks = candidates
            .Where(pid => pid != Environment.ProcessId)
            .Select(pid => TryLookAsync(pid, published.Contains(pid), cancellation));
        return [.. (await Task.WhenAll(looks)).OfType<DotNetProcess>().OrderBy(p => p.Pid)];
    }

    /// <summary>Those with a role: the RawEcho programs that one may attach to.</summary>
    public static async Task<IReadOnlyList<DotNetProcess>> RawEchoAsync(IReadOnlySet<int> except, CancellationToken cancellation)
    {
        // Only what has the right name is asked: this is done over and over while waiting, and other programs are not to be troubled.
        IEnumerable<Task<DotNetProcess?>> looks = DiagnosticSocket.Published()
            .Where(pid => pid != Environment.ProcessId && !except.Contains(pid) && ProcessProbe.Exists(pid))
            .Where(pid => Roles.Of(ProcessProbe.NameOf(pid)) is not null)
            .Select(pid => TryLookAsync(pid, isPublished: true, cancellation));
        IEnumerable<DotNetProcess> open = (await Task.WhenAll(looks)).OfType<DotNetProcess>().Where(p => p.Refusal is null);
        return [.. open.Where(p => p.Description.Role is not null).OrderBy(p => p.Description.Started)];
    }

    /// <summary>Who is meant by PIDs and names.</summary>
    /// <exception cref="DiagnosticsException">One of them is not there, or may not be attached to.</exception>
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
            // Of another user's process without a socket it cannot be told whether it is .NET: most are not.
            return process is { Refusal.ExitCode: DiagnosticsExitCode.WrongUser } && !isPublished ? null : process;
        }
        catch (DiagnosticsException)
        {
            // It has ended since it was listed.
            return null;
        }
    }
}
