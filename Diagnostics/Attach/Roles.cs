namespace RawEcho.Diagnostics.Attach;

/// <summary>The programs of RawEcho that are watched without being named.</summary>
internal static class Roles
{
    /// <summary>"server" or "client"; null for any other program.</summary>
    public static string? Of(string program) => program switch
    {
        "rawecho-server" => "server",
        "rawecho-client" => "client",
        _ => null,
    };
}
