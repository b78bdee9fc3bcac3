using System.Globalization;

namespace RawEcho.Testing;

/// <summary>What a process holds in memory of its own, by /proc (Linux).</summary>
/// <param name="Private">Anonymous memory that is resident (RssAnon), bytes.</param>
/// <param name="Native">
/// The part of it outside the address range reserved by the garbage collector (malloc, stacks, compiled code), in bytes.
/// </param>
public sealed record ProcessMemory(long Private, long Native)
{
    private const long Kibi = 1024;

    /// <summary>RssAnon alone, bytes: it costs little. 0 for a process that has ended, and that its parent has not yet heard of.</summary>
    public static long ReadPrivate(int process) =>
        File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
            ? Number(line)
            : 0;

    /// <summary>Reads both.</summary>
    public static ProcessMemory Read(int process)
    {
        List<Mapping> mappings = ReadMappings(process);
        long all = mappings.Sum(m => m.Anonymous);
        return new ProcessMemory(all, all - mappings.Take(CollectorRange(mappings)).Sum(m => m.Anonymous));
    }

    // The collector reserves one range, larger than any heap of malloc, and commits pieces of it as it needs them. The space between
    // two pieces, or behind the last one, is without access. So the largest anonymous mapping without access belongs to it, and so do
    // the mappings that adjoin it from below.
    private static Range CollectorRange(List<Mapping> mappings)
    {
        Mapping reserve = mappings.Where(m => m is { IsAnonymous: true, IsClosed: true }).MaxBy(m => m.End - m.Start)
            ?? throw new InvalidDataException("No memory is reserved.");
        int last = mappings.IndexOf(reserve);
        int first = last;
        while (first > 0 && mappings[first - 1].IsAnonymous && mappings[first - 1].End == mappings[first].Start) first--;
        return first..(last + 1);
    }

    // proc_pid_smaps(5): a line "start-end mode offset device inode name", and then lines "Key: number kB".
    private static List<Mapping> ReadMappings(int process)
    {
        var mappings = new List<Mapping>();
        foreach (string line in File.ReadLines($"/proc/{process}/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Contains('-', StringComparison.Ordinal))
            {
                string[] ends = words[0].Split('-');
                mappings.Add(new Mapping(
                    Address(ends[0]), Address(ends[1]), words.Length == 5, words[1].StartsWith("---", StringComparison.Ordinal), 0));
            }
            else if (words[0] == "Anonymous:")
            {
                mappings[^1] = mappings[^1] with { Anonymous = Number(line) };
            }
        }

        return mappings;
    }

    private static ulong Address(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static long Number(string line) =>
        Kibi * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private sealed record Mapping(ulong Start, ulong End, bool IsAnonymous, bool IsClosed, long Anonymous);
}
