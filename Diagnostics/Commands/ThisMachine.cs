using System.Runtime.InteropServices;
using RawEcho.Diagnostics.Recording;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The machine and the program that make a recording.</summary>
internal static class ThisMachine
{
    /// <summary>Name and version of this program.</summary>
    public static string Tool { get; } = ProgramVersion.Of(DiagnosticsCommand.Name);

    public static Machine Describe()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new(Environment.MachineName, RuntimeInformation.OSDescription, Environment.ProcessorCount, memory > 0 ? memory : null);
    }
}
