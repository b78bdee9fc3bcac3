namespace RawEcho.CommandLine;

/// <summary>Thrown when a command cannot be carried out as it was given; the message is what the user reads.</summary>
public sealed class CommandException(int exitCode, string message) : Exception(message)
{
    /// <summary>One of <see cref="CommandLine.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
