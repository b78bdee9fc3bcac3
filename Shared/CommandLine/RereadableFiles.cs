namespace RawEcho.CommandLine;

/// <summary>Tells files that can be read again from those that cannot: a pipe, as of &lt;(command), gives what it has once.</summary>
internal static class RereadableFiles
{
    /// <param name="file">Its name.</param>
    /// <param name="mayBeEmpty">True for a file in which nothing at all can stand rightly.</param>
    public static bool Contains(string file, bool mayBeEmpty)
    {
        if (OperatingSystem.IsWindows()) return true;
        string full = Path.GetFullPath(file);
        bool device = full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal);
        // A named pipe has no length, and a file of certificates has, or is missing for now.
        return !device
            && (mayBeEmpty
                || !File.Exists(full)
                || new FileInfo(File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full).Length > 0);
    }
}
