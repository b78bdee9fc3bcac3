using System.CommandLine;
using RawEcho.Commands;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Transport;

namespace RawEcho.CommandLine;

/// <summary>Runs the commands of a program that uses the Engine: the Engine's exceptions are among the expected failures.</summary>
public static class EngineProgram
{
    /// <summary>Parses the command line and runs the command.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="name">The program's name, as the user types it.</param>
    /// <param name="exitCodes">Exit codes and their meanings, for --help.</param>
    /// <param name="args">The command line.</param>
    /// <param name="variables">Which options have defaults in the environment, as a sentence for --help; null for none.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(
        RootCommand root, string name, IReadOnlyList<(int Code, string Meaning)> exitCodes, string[] args, string? variables = null)
    {
        var program = new CommandProgram
        {
            Name = name,
            ExitCodes = exitCodes,
            Variables = variables,
            Explain = Explain,
            Clean = PeerText.Clean,
        };
        return program.RunAsync(root, args);
    }

    private static (int Code, string Message)? Explain(Exception e) => e switch
    {
        CommandException c => (c.ExitCode, c.Message),
        CertificateFileException => (ExitCode.Certificate, ProblemText.Of(e)),
        ListenException or ConnectException => (ExitCode.Network, e.Message),
        EngineOptionException => (ExitCode.Usage, e.Message),
        UnauthorizedAccessException or IOException => (ExitCode.Usage, e.Message),
        _ => null,
    };
}
