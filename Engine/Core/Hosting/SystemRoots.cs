using System.Runtime.InteropServices;
using System.Text;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Keeps .NET from reading the system's trusted roots: it parses all of them, a hundred and more, when it builds the first chain, also for
/// a chain that trusts only what it is given. That is half of the start-up time of a native server and 2 MB of its private memory.
/// </summary>
internal static class SystemRoots
{
    // Where OpenSSL looks for them (X509_get_default_cert_dir_env(3)), and .NET as it does.
    private const string Directory = "SSL_CERT_DIR", File = "SSL_CERT_FILE";

    /// <summary>
    /// Leaves them out from now on, for the whole process. Call it before the first chain is built: they are read once.
    /// </summary>
    /// <returns>False on other systems than Linux.</returns>
    public static bool LeaveOut() =>
        OperatingSystem.IsLinux()
        // Not Environment.SetEnvironmentVariable: libraries that are not .NET's do not see what that sets.
        && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "setenv", out nint setenv)
        && Clear(setenv, Directory) && Clear(setenv, File);

    private static unsafe bool Clear(nint setenv, string variable)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(variable + '\0'))
        {
            byte empty = 0;
            return ((delegate* unmanaged<byte*, byte*, int, int>)setenv)(name, &empty, 1) == 0;
        }
    }
}
