using System.Runtime.InteropServices;

namespace RawEcho.Terminal;

/// <summary>
/// Whether a standard stream is a terminal that takes control sequences (ECMA-48: colours, "erase the line"). A console of Windows takes
/// them when it is told to; those from before Windows 10 never do.
/// </summary>
public static class AnsiTerminal
{
    private const int StandardOutput = -11, StandardError = -12; // STD_OUTPUT_HANDLE, STD_ERROR_HANDLE

    private static readonly Lazy<bool> Output = new(() => !Console.IsOutputRedirected && Takes(StandardOutput));
    private static readonly Lazy<bool> Error = new(() => !Console.IsErrorRedirected && Takes(StandardError));

    /// <summary>True for standard output.</summary>
    public static bool IsOutput => Output.Value;

    /// <summary>True for standard error.</summary>
    public static bool IsError => Error.Value;

    // Windows sets no TERM; where somebody else has, it counts.
    private static bool Takes(int stream)
    {
        string? kind = Environment.GetEnvironmentVariable("TERM");
        if (!OperatingSystem.IsWindows()) return kind is not ("dumb" or null or "");
        return kind is not "dumb" && TryTurnOn(stream);
    }

    private static bool TryTurnOn(int stream)
    {
        const uint processed = 1, virtualTerminal = 4; // ENABLE_PROCESSED_OUTPUT, ENABLE_VIRTUAL_TERMINAL_PROCESSING
        nint console = GetStdHandle(stream);
        return GetConsoleMode(console, out uint mode)
            && ((mode & virtualTerminal) != 0 || SetConsoleMode(console, mode | processed | virtualTerminal));
    }

    [DllImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetStdHandle(int stream);

    [DllImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetConsoleMode(nint console, out uint mode);

    [DllImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetConsoleMode(nint console, uint mode);
}
