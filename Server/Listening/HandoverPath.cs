using System.CommandLine.Parsing;
using System.Net.Sockets;

namespace RawEcho.Server.Listening;

/// <summary>Reads the value of --handover.</summary>
internal static class HandoverPath
{
    /// <summary>The path as it is; an error where no socket can have it.</summary>
    public static string? Parse(ArgumentResult result)
    {
        string path = result.Tokens[0].Value;
        if (!OperatingSystem.IsLinux())
        {
            result.AddError("--handover is for Linux: elsewhere a process cannot pass its sockets on.");
        }
        else if (path.Length == 0)
        {
            result.AddError("--handover takes the path of a socket, not ''");
        }
        else if (!Fits(path))
        {
            result.AddError($"--handover takes a path of at most 107 bytes (unix(7)), not '{path}'");
        }

        return path;
    }

    private static bool Fits(string path)
    {
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
