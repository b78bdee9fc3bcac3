using System.Runtime.InteropServices;

namespace RawEcho.Terminal;

/// <summary>How many columns lines may have.</summary>
/// <remarks>
/// Not Console.WindowWidth on Linux: it prepares the terminal for reading keys, and writes control sequences before the first word.
/// </remarks>
public static class TerminalWidth
{
    /// <summary>What every terminal has, and what text has that goes elsewhere.</summary>
    public const int Usual = 80;

    private const int StandardOutput = 1, StandardError = 2;

    // Narrower than this nothing can be read anyway, and some terminals say 0.
    private const int Least = 20;

    /// <summary>The columns of the terminal that standard output is; <see cref="Usual"/> where it is none.</summary>
    public static int OfOutput => Of(StandardOutput, Console.IsOutputRedirected);

    /// <summary>The columns of the terminal that standard error is; <see cref="Usual"/> where it is none.</summary>
    public static int OfError => Of(StandardError, Console.IsErrorRedirected);

    private static int Of(int descriptor, bool isRedirected)
    {
        if (isRedirected) return Usual;
        int columns = OperatingSystem.IsWindows() ? Console.WindowWidth : OperatingSystem.IsLinux() ? Ask(descriptor) : Usual;
        return columns >= Least ? columns : Usual;
    }

    private static int Ask(int descriptor)
    {
        const uint getWindowSize = 0x5413; // TIOCGWINSZ of ioctl_tty(2)
        return ioctl(descriptor, getWindowSize, out WindowSize size) == 0 ? size.Columns : 0;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ioctl(int descriptor, nuint request, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct WindowSize
    {
        public readonly ushort Rows;
        public readonly ushort Columns;
        public readonly ushort Width;
        public readonly ushort Height;
    }
}
