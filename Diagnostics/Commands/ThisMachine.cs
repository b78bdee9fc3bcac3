using System.Runtime.InteropServices;
using RawEcho.Diagnostics.Recording;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>Where and with what a recording is made.</summary>
internal static class ThisMachine
{
    /// <summary>Name and version of this program.</summary>
    public static string Tool { get; } = ProgramVersion.Of(CommandProgram.Name);

    public static Machine Describe() => new(
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and var bytes ? bytes : null);
}
