using System.Reflection;
using System.Runtime.InteropServices;

namespace RawEcho.Soak;

/// <summary>Where things lie.</summary>
internal static class Layout
{
    public static string Root { get; } = typeof(Layout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public static string Out { get; } = Path.Combine(Root, "out");

    /// <summary>Options with the development certificates of one side.</summary>
    public static string[] Certificates(string side)
    {
        string folder = Path.Combine(Root, "certs", "dev");
        return ["--ca", Path.Combine(folder, "ca.pem"), "--cert", Path.Combine(folder, $"{side}.pem"), "--key", Path.Combine(folder, $"{side}-key.pem")];
    }
}

/// <summary>An invariant was broken.</summary>
internal sealed class SoakException(string message) : Exception(message);

/// <summary>What .NET has no call for.</summary>
internal static class Native
{
    private const int Sigterm = 15;

    public static void Terminate(int process)
    {
        if (kill(process, Sigterm) != 0) throw new SoakException("The server was not there any more to be stopped.");

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int kill(int process, int signal);
    }
}
