using System.Globalization;

namespace RawEcho.Soak;

/// <summary>What a process holds at a moment of rest (Linux, /proc).</summary>
/// <param name="At">Since the start of the soak.</param>
/// <param name="MemoryMiB">Memory of its own (RssAnon), MiB.</param>
/// <param name="Descriptors">Open file descriptors that are sockets: files stay open for code that was loaded.</param>
/// <param name="Threads">Threads.</param>
internal sealed record Sample(TimeSpan At, double MemoryMiB, int Descriptors, int Threads)
{
    public static Sample Take(int process, TimeSpan at)
    {
        const double kibiInMebi = 1024;
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        double kibi = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new Sample(at, kibi / kibiInMebi, CountSockets(process), Directory.GetDirectories($"/proc/{process}/task").Length);
    }

    public static int CountSockets(int process) => Directory.GetFiles($"/proc/{process}/fd").Count(IsSocket);

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // It was closed while it was looked at.
            return false;
        }
    }
}
