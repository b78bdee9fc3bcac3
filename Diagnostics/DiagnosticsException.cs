using RawEcho.Terminal;

namespace RawEcho.Diagnostics;

/// <summary>Thrown when something cannot be done as it was asked for; the message is the one sentence that the user reads.</summary>
internal sealed class DiagnosticsException(int exitCode, string message) : Exception(message)
{
    /// <summary>One of <see cref="DiagnosticsExitCode"/> or <see cref="CommonExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
