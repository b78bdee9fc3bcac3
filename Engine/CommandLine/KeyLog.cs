namespace RawEcho.CommandLine;

/// <summary>
/// Has the secrets of all sessions written to a file, for Wireshark (NSS key log format). .NET does it, where OpenSSL is the TLS
/// library: a switch and an environment variable that it reads when the process makes its first TLS connection.
/// </summary>
internal static class KeyLog
{
    private const string Switch = "System.Net.EnableSslKeyLogging";
    private const string Variable = "SSLKEYLOGFILE";

    /// <summary>Turns it on.</summary>
    /// <param name="file">The file; appended to, and made for its owner alone if it is missing.</param>
    /// <param name="notes">Takes the warning.</param>
    /// <exception cref="CommandException">This platform cannot do it, or the file cannot be written.</exception>
    public static void Start(string file, List<string> notes)
    {
        if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCode.Usage, "--keylog: .NET writes key logs on Linux alone.");
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using var stream = new FileStream(file, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"--keylog: {file} cannot be written: {e.Message}");
        }

        AppContext.SetSwitch(Switch, true);
        Environment.SetEnvironmentVariable(Variable, Path.GetFullPath(file));
        notes.Add($"WARNING: --keylog: whoever can read {file} can decrypt all traffic of this process.");
    }
}
