namespace RawEcho.Testing;

/// <summary>The sockets of a process, by /proc (Linux).</summary>
public static class ProcessSockets
{
    private const int State = 3;
    private const string Listening = "0A";

    /// <summary>Open file descriptors that are sockets: files stay open for code that was loaded.</summary>
    public static int Count(int process) => Directory.GetFiles($"/proc/{process}/fd").Count(IsSocket);

    /// <summary>Connections that a server on this port has accepted and not closed (/proc/net/tcp, proc(5)).</summary>
    /// <param name="port">The port; IPv4 alone is looked at.</param>
    public static int CountAccepted(int port)
    {
        const int local = 1, inode = 9;
        string ending = $":{port:X4}";
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            // A connection that waits to be accepted, or that its process has closed, has no file.
            .Count(f => f[local].EndsWith(ending, StringComparison.Ordinal) && f[State] != Listening && f[inode] != "0");
    }

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
