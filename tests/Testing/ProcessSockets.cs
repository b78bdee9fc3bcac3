namespace RawEcho.Testing;

/// <summary>The sockets of a process, by /proc (Linux).</summary>
public static class ProcessSockets
{
    /// <summary>Open file descriptors that are sockets: files stay open for code that was loaded.</summary>
    public static int Count(int process) => Directory.GetFiles($"/proc/{process}/fd").Count(IsSocket);

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
