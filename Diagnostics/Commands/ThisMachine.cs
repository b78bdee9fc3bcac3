using System.Runtime.InteropServices;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Recording;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The machine and the program that make a recording.</summary>
internal static class ThisMachine
{
    /// <summary>Name and version of this program.</summary>
    public static string Tool { get; } = ProgramVersion.Of(DiagnosticsCommand.Name);

    public static Machine Describe() =>
        new(Environment.MachineName, RuntimeInformation.OSDescription, MachineFacts.Processors, MachineFacts.MemoryBytes);
}
