using System.Reflection;
using System.Runtime.InteropServices;

namespace RawEcho.Soak;

/// <summary>Where things lie.</summary>
internal static class Layout
{
    public static string Root { get; } = typeof(Layout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    // RAWECHO_OUT runs a build that lies elsewhere.
    public static string Out { get; } =
        Environment.GetEnvironmentVariable("RAWECHO_OUT") is { Length: > 0 } elsewhere ? elsewhere : Path.Combine(Root, "out");

    /// <summary>Options of a client that does not give up on a busy machine.</summary>
    public static string[] Patient { get; } =
        ["--connect-timeout", "5m", "--handshake-timeout", "5m", "--echo-timeout", "5m", "--drain-timeout", "5m"];

    /// <summary>Where results go.</summary>
    public static string Artifact(string name)
    {
        string folder = Path.Combine(Root, "artifacts");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }
}

/// <summary>An invariant was broken.</summary>
internal sealed class SoakException(string message) : Exception(message);

/// <summary>What .NET has no call for.</summary>
internal static class Native
{
    private const int Sigterm = 15, Sigstop = 19, Sigcont = 18;

    public static void Terminate(int process) => Send(process, Sigterm);

    /// <summary>Stops a program until <see cref="Resume"/>; it does not notice.</summary>
    public static void Pause(int process) => Send(process, Sigstop);

    public static void Resume(int process) => Send(process, Sigcont);

    private static void Send(int process, int signal)
    {
        if (kill(process, signal) != 0) throw new SoakException("A program was not there any more to be stopped.");

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int kill(int process, int signal);
    }
}
