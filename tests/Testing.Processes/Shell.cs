namespace RawEcho.Testing.Processes;

/// <summary>Programs as a shell starts them.</summary>
public static class Shell
{
    // The runtime's own mapping of code is a file, too, unless it is told to do without one.
    private static readonly Dictionary<string, string> FilesMayBeLimited = new() { ["DOTNET_EnableWriteXorExecute"] = "0" };

    /// <summary>Starts a program with its standard streams redirected. It has the shell's PID.</summary>
    /// <param name="redirection">As bash has it: >/dev/full 2>&amp;-.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProgramProcess Start(string redirection, string program, params string[] arguments) =>
        new(Programs.Bash!, ["-c", $"exec \"$@\" {redirection}", "bash", program, .. arguments]);

    /// <summary>The same, for <see cref="ResourceLimit.SetFileSize"/>: a file that may not grow gives an error, and ends nobody.</summary>
    public static ProgramProcess StartWithLimitedFiles(string redirection, string program, params string[] arguments) =>
        new(Programs.Bash!, ["-c", $"trap '' XFSZ; exec \"$@\" {redirection}", "bash", program, .. arguments], FilesMayBeLimited);

    /// <summary>Starts a program that ignores SIGHUP from its beginning, as nohup(1) does.</summary>
    public static ProgramProcess StartIgnoringHangUp(string program, params string[] arguments) =>
        new(Programs.Bash!, ["-c", "trap '' HUP; exec \"$@\"", "bash", program, .. arguments]);
}
