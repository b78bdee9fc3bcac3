using System.Globalization;
using System.Text.Json;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// The GC mode of a process. No counter reports it, so it is read from the same places as the runtime reads it: from the environment and
/// the runtimeconfig.json beside the program (https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector).
/// </summary>
internal static class GcMode
{
    /// <summary>Such as "workstation, non-concurrent"; null when it is not known.</summary>
    public static string? Of(int pid, string program)
    {
        if (!OperatingSystem.IsLinux() || ProcFile.Read(pid, "environ") is not { } environment) return null;
        if (ConfigOf(pid, program) is not { } config) return null;
        bool server = FromEnvironment(environment, "gcServer") ?? FromConfig(config, "System.GC.Server") ?? false;
        bool concurrent = FromEnvironment(environment, "gcConcurrent") ?? FromConfig(config, "System.GC.Concurrent") ?? true;
        return $"{(server ? "server" : "workstation")}, {(concurrent ? "concurrent" : "non-concurrent")}";
    }

    // The program's own file, or the assembly that dotnet was given to run.
    private static string? ConfigOf(int pid, string program)
    {
        string[] words = ProcFile.Read(pid, "cmdline")?.Split('\0') ?? [];
        string? folder = ProcFile.Link($"/proc/{pid}/cwd");
        // The process may have another root (a container), in which its paths are.
        string root = $"/proc/{pid}/root";
        IEnumerable<string?> files =
        [
            ProcFile.Link($"/proc/{pid}/exe"),
            .. words
                .Where(w => w.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
                .Select(w => folder is null ? null : Path.Combine(folder, w)),
        ];
        return files
            .OfType<string>()
            .Select(f => $"{root}{Path.Combine(Path.GetDirectoryName(f) ?? "/", $"{program}.runtimeconfig.json")}")
            .Select(ProcFile.Read)
            .FirstOrDefault(c => c is not null);
    }

    private static bool? FromEnvironment(string environment, string name) =>
        (DiagnosticSocket.Variable(environment, $"DOTNET_{name}") ?? DiagnosticSocket.Variable(environment, $"COMPlus_{name}")) is { } value
            ? long.TryParse(Digits(value), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long number) ? number != 0 : null
            : null;

    // The runtime reads its variables as hexadecimal numbers, with or without the prefix.
    private static string Digits(string value) => value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? value[2..] : value;

    private static bool? FromConfig(string config, string name)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(config);
            return json.RootElement.GetProperty("runtimeOptions").TryGetProperty("configProperties", out JsonElement properties)
                && properties.TryGetProperty(name, out JsonElement value)
                ? value.ValueKind switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.String => string.Equals(value.GetString(), "true", StringComparison.OrdinalIgnoreCase),
                    _ => null,
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
