using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>
/// Reads keys on a thread of its own, which waits in the read: the terminal then shows no key and holds none back until Enter. .NET gives
/// the terminal its settings back when the program ends.
/// </summary>
internal static class Keyboard
{
    /// <summary>Whether a person sits at standard input, and this program is in front.</summary>
    public static bool IsThere =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected && (OperatingSystem.IsWindows() || tcgetpgrp(0) == getpgrp());

    /// <summary>Begins to read. It goes on until <paramref name="press"/> returns false, or the terminal is gone.</summary>
    public static void Follow(Func<ConsoleKeyInfo, bool> press) => new Thread(() =>
    {
        try
        {
            while (press(Console.ReadKey(intercept: true)))
            {
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The terminal is gone: SIGHUP ends the program.
        }
    })
    { IsBackground = true, Name = "keys" }.Start();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcgetpgrp(int descriptor);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getpgrp();
}
