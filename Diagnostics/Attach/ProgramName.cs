using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Attach;

/// <summary>The name of a program as its command line gives it.</summary>
internal static class ProgramName
{
    private const string Host = "dotnet";
    private const string Assembly = ".dll";

    /// <summary>
    /// The file name of the first word. For the host "dotnet", wherever it is installed, the name of the assembly that it runs, whatever
    /// options of the host come before it.
    /// </summary>
    /// <returns>Empty when there are no words.</returns>
    public static string Of(IReadOnlyList<string> commandLine)
    {
        if (commandLine.Count == 0) return string.Empty;
        string program = Path.GetFileName(commandLine[0]);
        bool isHost = string.Equals(Path.GetFileNameWithoutExtension(program), Host, StringComparison.OrdinalIgnoreCase);
        string? assembly = isHost
            ? commandLine.Skip(1).FirstOrDefault(w => w.EndsWith(Assembly, StringComparison.OrdinalIgnoreCase))
            : null;
        return PrintableText.Of(assembly is null ? program : Path.GetFileNameWithoutExtension(assembly));
    }
}
