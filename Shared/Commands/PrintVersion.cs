using System.CommandLine;
using System.CommandLine.Invocation;
using RawEcho.Terminal;

namespace RawEcho.Commands;

/// <summary>--version: the program's name and its version.</summary>
internal sealed class PrintVersion(string program) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Of(program));
        return 0;
    }
}
