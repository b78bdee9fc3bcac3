using System.Globalization;

namespace RawEcho.Benchmarks.Processes;

/// <summary>What /proc says of a process at one moment.</summary>
/// <param name="CpuNanoseconds">CPU time of all threads, ended ones included.</param>
/// <param name="UserTicks">CPU time in user space, in ticks of 10 ms: good for the split only.</param>
/// <param name="SystemTicks">CPU time in the kernel, likewise.</param>
/// <param name="Switches">Context switches of the threads that live, voluntary or not.</param>
/// <param name="Threads">Threads.</param>
/// <param name="PrivateKilobytes">RssAnon: memory in use that no file stands behind.</param>
/// <param name="PeakKilobytes">VmHWM: the most memory ever resident, files included.</param>
internal sealed record ProcSample(
    long CpuNanoseconds, long UserTicks, long SystemTicks, long Switches, int Threads, long PrivateKilobytes, long PeakKilobytes)
{
    public static ProcSample Take(int id)
    {
        long cpu = Native.ProcessNanoseconds(id);
        (long user, long system) = Ticks(File.ReadAllText($"/proc/{id}/stat"));
        Dictionary<string, long> status = Status($"/proc/{id}/status");
        return new ProcSample(cpu, user, system, SwitchesOfThreads(id), (int)status["Threads"], status["RssAnon"], status["VmHWM"]);
    }

    /// <summary>Of several processes together; their peaks may not have been at one moment.</summary>
    public static ProcSample Sum(IReadOnlyCollection<ProcSample> samples) => samples.Aggregate((a, b) => new ProcSample(
        a.CpuNanoseconds + b.CpuNanoseconds, a.UserTicks + b.UserTicks, a.SystemTicks + b.SystemTicks, a.Switches + b.Switches,
        a.Threads + b.Threads, a.PrivateKilobytes + b.PrivateKilobytes, a.PeakKilobytes + b.PeakKilobytes));

    // Fields 14 and 15 of proc_pid_stat(5), counted from behind the name, which may hold anything.
    private static (long User, long System) Ticks(string stat)
    {
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture), long.Parse(fields[12], CultureInfo.InvariantCulture));
    }

    private static long SwitchesOfThreads(int id)
    {
        long sum = 0;
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{id}/task"))
        {
            try
            {
                Dictionary<string, long> status = Status(Path.Combine(thread, "status"));
                sum += status["voluntary_ctxt_switches"] + status["nonvoluntary_ctxt_switches"];
            }
            catch (IOException)
            {
                // The thread ended between the listing and the reading.
            }
        }

        return sum;
    }

    private static Dictionary<string, long> Status(string path)
    {
        var values = new Dictionary<string, long>();
        foreach (string line in File.ReadLines(path))
        {
            string[] parts = line.Split([':', '\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length >= 2 && long.TryParse(parts[1], CultureInfo.InvariantCulture, out long value)) values[parts[0]] = value;
        }

        return values;
    }
}
