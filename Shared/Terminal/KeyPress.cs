using System.Runtime.InteropServices;

namespace RawEcho.Terminal;

/// <summary>Waits for a key press on the terminal.</summary>
public static class KeyPress
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>True when a person sits at standard input.</summary>
    public static bool Possible => !Console.IsInputRedirected;

    /// <summary>Completes with true at a key press, or with false when that is not possible or was cancelled.</summary>
    public static Task<bool> WaitAsync(CancellationToken cancellation) => WaitAsync(_ => true, cancellation);

    /// <summary>
    /// Completes with true when a letter is pressed, small or capital, or with false when that is not possible or was cancelled. Enter
    /// makes an empty line, as it does where nobody reads keys; other keys do nothing.
    /// </summary>
    public static Task<bool> WaitAsync(char letter, CancellationToken cancellation) => WaitAsync(
        key =>
        {
            if (key.Key == ConsoleKey.Enter && !Console.IsOutputRedirected) StandardStreams.Output.TryWriteNow(Environment.NewLine);
            return char.ToLowerInvariant(key.KeyChar) == letter;
        },
        cancellation);

    /// <summary>True when standard input was a terminal, and that has been closed.</summary>
    public static bool TerminalIsGone => Possible && !OperatingSystem.IsWindows() && tcgetpgrp(0) == -1;

    private static async Task<bool> WaitAsync(Predicate<ConsoleKeyInfo> isWanted, CancellationToken cancellation)
    {
        if (!Possible) return false;
        try
        {
            while (true)
            {
                // A process in the background that touches the terminal is stopped by it (SIGTTIN): look only when in front.
                while (IsInForeground() && Console.KeyAvailable)
                {
                    if (isWanted(Console.ReadKey(intercept: true))) return true;
                }

                await Task.Delay(Step, cancellation);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The last one when the terminal goes away between two looks.
            return false;
        }
    }

    private static bool IsInForeground() => OperatingSystem.IsWindows() || tcgetpgrp(0) == getpgrp();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcgetpgrp(int descriptor);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getpgrp();
}
