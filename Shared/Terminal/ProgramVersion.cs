using System.Reflection;

namespace RawEcho.Terminal;

/// <summary>What --version prints, and what reports say of the program that made them.</summary>
public static class ProgramVersion
{
    /// <summary>Name and version, such as "rawecho-client 0.2.0".</summary>
    /// <remarks>The commit is not part of it: the version counts commits between releases.</remarks>
    /// <param name="program">The program's name, as it is typed.</param>
    public static string Of(string program)
    {
        string? version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"{program} {version?.Split('+')[0]}";
    }
}
