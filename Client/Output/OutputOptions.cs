using System.CommandLine;

namespace RawEcho.Client.Output;

/// <summary>The options of the commands that say how a result goes out.</summary>
internal static class OutputOptions
{
    public static Option<bool> Json() => new("--json")
    {
        Description = "Write the results as JSON (docs/result.schema.json) to standard output, and nothing else",
    };

    public static Option<bool> Quiet() => new("--quiet") { Description = "Say nothing but the results" };
}
