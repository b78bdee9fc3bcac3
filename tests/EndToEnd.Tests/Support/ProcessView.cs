using System.Globalization;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A process as the kernel sees it (Linux, /proc).</summary>
internal static class ProcessView
{
    private const string Established = "01";
    private const string CloseWait = "08";

    /// <summary>Threads of a process.</summary>
    public static int CountThreads(int process) => Directory.GetDirectories($"/proc/{process}/task").Length;

    /// <summary>
    /// True when a thread of the process is running or runnable in any of ten samples. Otherwise the process waits for something else.
    /// </summary>
    public static async Task<bool> HasWorkAsync(int process)
    {
        for (int look = 0; look < 10; look++)
        {
            if (Directory.GetDirectories($"/proc/{process}/task").Any(IsRunnable)) return true;
            await Task.Delay(20);
        }

        return false;
    }

    /// <summary>
    /// Bytes that wait to be sent and to be read, of all connections of a local port, as the kernel writes them ("tx:rx", hexadecimal).
    /// They say more than the state of the threads: on busy cores the idle workers of a thread pool spin for seconds before they sleep.
    /// </summary>
    public static string TcpQueues(int port) => string.Join(' ', File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(w => w[3] == Established && LocalPort(w) == port)
        .Select(w => w[4]));

    /// <summary>TCP connections to a local port that are in CLOSE-WAIT: the peer has gone, and nobody has noticed.</summary>
    public static int CountCloseWait(int port) => File.ReadLines("/proc/net/tcp").Skip(1).Count(line =>
    {
        // "sl local_address rem_address st ...", addresses as hexadecimal address:port.
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[3] == CloseWait && LocalPort(words) == port;
    });

    /// <summary>Where a server listens that cannot say so: waits until it does.</summary>
    public static async Task<string> ListeningAddressAsync(int process)
    {
        string? port = null;
        // Right after it has begun to listen, a server has a second listener for an instant, which it rehearses with (AcceptRehearsal).
        await TimeLimit.Until(() => ListeningPorts(process) is [var only] && (port = only) is not null, "the server listens, at one port");
        return $"127.0.0.1:{port}";
    }

    /// <summary>Descriptors that the process could open below a limit, count.</summary>
    public static int CountFreeDescriptors(int process, int limit) => limit
        - Directory.GetFileSystemEntries($"/proc/{process}/fd")
            .Count(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture) < limit);

    // A listening socket (state 0A) whose inode is among the descriptors of the process.
    private static string[] ListeningPorts(int process)
    {
        string[] own = [.. Directory.GetFiles($"/proc/{process}/fd").Select(f => new FileInfo(f).LinkTarget ?? string.Empty)];
        return
        [
            .. File.ReadLines("/proc/net/tcp").Skip(1)
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w[3] == "0A" && own.Contains($"socket:[{w[9]}]"))
                .Select(w => $"{LocalPort(w)}"),
        ];
    }

    private static int LocalPort(string[] words) =>
        int.Parse(words[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // "pid (name) state ...", where the name may hold anything (proc(5), /proc/pid/stat).
    private static bool IsRunnable(string task)
    {
        try
        {
            string stat = File.ReadAllText($"{task}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'R' or 'D';
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }
}
