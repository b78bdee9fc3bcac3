namespace RawEcho.CommandLine;

/// <summary>How grave a line of the log is, as journald reads it from the beginning of a line (sd-daemon(3), syslog(3)).</summary>
internal static class JournalPriority
{
    /// <summary>What a line begins with.</summary>
    /// <param name="facts">What it says; null where that is the line alone.</param>
    public static string Prefix(LogFacts? facts) => facts?.Event switch
    {
        "defect" or "accept-failed" => "<3>",
        "warning" or "http-warning" or "legacy-peer" or "lines-lost" => "<4>",
        "refused" or "lost" or "silent" or "reload" => "<5>",
        _ => "<6>",
    };
}
